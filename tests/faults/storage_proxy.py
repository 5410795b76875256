"""A proxy before a table service that fails as the service and the line to it do; who is told nothing cannot know."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.data.tables import EntityProperty, TableServiceClient
from multidict import CIMultiDict
from yarl import URL

from state.table import TABLES, WRITE_MARK

BEFORE = ("503 before", "reset before")
AFTER = ("500 after", "reset after")
CONFLICT_AFTER = "409 or 412 after"
CONFLICT_BEFORE = "412 before"
EMPTY_PAGE = "empty page"
HANG = "hang"
# A hanging call costs five real seconds of waiting.
WEIGHTS = {BEFORE[0]: 6, BEFORE[1]: 6, AFTER[0]: 6, AFTER[1]: 6, CONFLICT_AFTER: 6, CONFLICT_BEFORE: 6, HANG: 0.05}
READ_WEIGHTS = {BEFORE[0]: 6, "500 before": 6, BEFORE[1]: 6, "reset after": 6, EMPTY_PAGE: 10, HANG: 0.05}
_CODES = {409: "EntityAlreadyExists", 412: "UpdateConditionNotSatisfied", 500: "InternalError", 503: "ServerBusy"}
_NOT_PASSED_ON = {"host", "content-length", "transfer-encoding", "connection"}
_MARK = "emptied-by-the-proxy"
_CHANGED = """\
--batchresponse_1
Content-Type: multipart/mixed; boundary=changesetresponse_1

--changesetresponse_1
Content-Type: application/http
Content-Transfer-Encoding: binary

HTTP/1.1 412 Precondition Failed
Content-Type: application/json

{}
--changesetresponse_1--
--batchresponse_1--
""".replace("\n", "\r\n")


@dataclass
class StorageProxy:
    """Passes calls on; a share of them, `rate`, meets a fault. The seed decides which, in the order of arrival."""

    server_url: str
    seed: int = 0
    rate: float = 0.0
    url: str = ""
    calls: int = 0
    met: Counter[str] = field(default_factory=Counter)
    _session: aiohttp.ClientSession | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a repeatable choice, nothing secret

    def _fault(self, request: web.Request, body: bytes) -> str:
        self.calls += 1
        is_about_tables = "/Tables" in request.path
        if is_about_tables or self._random.random() >= self.rate:
            return ""
        weights = READ_WEIGHTS if request.method == "GET" else WEIGHTS
        (chosen,) = self._random.choices(list(weights), list(weights.values()))
        if chosen == EMPTY_PAGE and "(" in request.path.replace("()", ""):
            return ""  # One row is no page.
        if chosen == CONFLICT_BEFORE and (_is_insert(request) or b"DELETE " in body):
            return ""  # A row that does not exist yet, or that one writer alone removes, never changed meanwhile.
        self.met[chosen] += 1
        return chosen

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fault = self._fault(request, body)
        if fault == HANG:
            await self._closing.wait()
            return self._cut(request)
        if fault == EMPTY_PAGE:
            rest = {f"x-ms-continuation-Next{key}Key": _MARK for key in ("Partition", "Row")}
            return web.json_response({"value": []}, headers=rest)
        if fault.endswith("before"):
            return self._failed(request, fault)
        response = await self._forwarded(request, body)
        return self._failed(request, fault) if fault else response

    def _failed(self, request: web.Request, fault: str) -> web.Response:
        if fault.startswith("reset"):
            return self._cut(request)
        if fault not in {CONFLICT_AFTER, CONFLICT_BEFORE}:
            return _error(int(fault[:3]))
        if not request.path.endswith("$batch"):
            return _error(409 if _is_insert(request) else 412)
        text = _CHANGED.replace("{}", json.dumps(_words(412, "0:")))
        return web.Response(
            status=202, text=text, headers={"Content-Type": "multipart/mixed; boundary=batchresponse_1"}
        )  # fmt: skip

    @staticmethod
    def _cut(request: web.Request) -> web.Response:
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _forwarded(self, request: web.Request, body: bytes) -> web.Response:
        assert self._session
        headers = CIMultiDict((k, v) for k, v in request.headers.items() if k.lower() not in _NOT_PASSED_ON)
        url = URL(self.server_url + _without_mark(request.raw_path), encoded=True)
        async with self._session.request(request.method, url, data=body or None, headers=headers) as response:
            content = await response.read()
            kept = CIMultiDict((k, v) for k, v in response.headers.items() if k.lower() not in _NOT_PASSED_ON)
            return web.Response(status=response.status, body=content, headers=kept)

    def application(self) -> web.Application:
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_route("*", "/{anything:.*}", self._handle)
        return application


def _is_insert(request: web.Request) -> bool:
    return request.method == "POST" and not request.path.endswith("$batch")


def _without_mark(raw_path: str) -> str:
    path, _, query = raw_path.partition("?")
    return path + "?" + "&".join(part for part in query.split("&") if _MARK not in part) if query else path


def _words(status: int, index: str = "") -> dict[str, object]:
    message = {"lang": "en-US", "value": f"{index}{_CODES[status]}"}
    return {"odata.error": {"code": _CODES[status], "message": message}}


def _error(status: int) -> web.Response:
    return web.json_response(_words(status), status=status, headers={"x-ms-error-code": _CODES[status]})


@asynccontextmanager
async def running_proxy(server_url: str, seed: int) -> AsyncIterator[StorageProxy]:
    proxy = StorageProxy(server_url, seed)
    async with (
        TestServer(proxy.application(), shutdown_timeout=0.1) as server,
        aiohttp.ClientSession(auto_decompress=False) as proxy._session,
    ):
        proxy.url = str(server.make_url("")).rstrip("/")
        try:
            yield proxy
        finally:
            proxy._closing.set()


def rows_of(connection_string: str, table: str) -> Mapping[str, Mapping[str, object]]:
    """Return all rows of a table, as they are stored, past the proxy."""
    assert table in TABLES
    with TableServiceClient.from_connection_string(connection_string) as service:
        entities = list(service.get_table_client(table).list_entities())
    return {f"{each['PartitionKey']} {each['RowKey']}": _values(dict(each)) for each in entities}


def forget_everything(connection_string: str) -> None:
    """Remove every table, so that the next bot begins with an empty store."""
    with TableServiceClient.from_connection_string(connection_string) as service:
        for table in TABLES:
            service.delete_table(table)


def _values(entity: dict[str, object]) -> dict[str, object]:
    values = {name: value for name, value in entity.items() if name not in {"PartitionKey", "RowKey", WRITE_MARK}}
    return {name: value.value if isinstance(value, EntityProperty) else value for name, value in values.items()}
