"""The storage protocol on Azure Table Storage."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from azure.core import MatchConditions
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables import EdmType, EntityProperty, TableErrorCode, TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from state.reading import StoredValues
from state.table import (
    TABLES,
    WRITE_MARK,
    Change,
    Conflict,
    Delete,
    Put,
    Row,
    StoreUnavailable,
    Table,
    Value,
    check_limits,
)

_PAGE = 1_000
_INT32 = range(-(2**31), 2**31)
_CONDITION_FAILED = frozenset({404, 409, 412})
# Refused for what we sent, and not for who we are or how busy the service is.
_OUR_FAULT = frozenset(range(400, 500)) - {401, 403, 408, 429}

# A repeated write is recognised by its mark, so inserts and transactions may be repeated as well.
_REPEATABLE: dict[str, Any] = {"retry_on_methods": frozenset({"POST", "PUT"})}
# A deletion leaves no mark: repeated after a lost answer it could not be told from somebody else's.
_ONCE: dict[str, Any] = {"retry_total": 0}

# Handed out for a row of ours that was overwritten before we knew our write had succeeded; it never matches.
_SUPERSEDED = "W/\"datetime'0001-01-01T00%3A00%3A00.0000000Z'\""

_Entity = dict[str, Any]


class AzureStore:
    """All tables in one storage account; table names may carry a prefix."""

    def __init__(
        self, service: TableServiceClient, prefix: str = "", credential: AsyncTokenCredential | None = None
    ) -> None:
        self._service = service
        self._credential = credential
        self._clients = {name: service.get_table_client(prefix + name) for name in TABLES}

    @classmethod
    def from_connection_string(cls, connection_string: str, prefix: str = "") -> "AzureStore":
        return cls(TableServiceClient.from_connection_string(connection_string, **_client_options()), prefix)

    @classmethod
    def from_account(cls, name: str, credential: AsyncTokenCredential, prefix: str = "") -> "AzureStore":
        """Sign in with the credential, which is closed with the store."""
        endpoint = f"https://{name}.table.core.windows.net"
        return cls(TableServiceClient(endpoint, credential=credential, **_client_options()), prefix, credential)

    def table(self, name: str) -> Table:
        if name not in TABLES:
            raise ValueError(f"there is no table {name!r}")
        return _AzureTable(name, self._clients[name])

    async def open(self) -> None:
        with _failures_named():
            # Who may only read, as whoever takes a backup, opens what stands already.
            standing = {one.name async for one in self._service.list_tables()}
            missing = {one.table_name for one in self._clients.values()} - standing
            await asyncio.gather(*map(self._service.create_table_if_not_exists, missing))

    async def close(self) -> None:
        await self._service.close()
        if self._credential:
            await self._credential.close()

    async def ping(self) -> bool:
        query = self._clients[TABLES[0]].query_entities("PartitionKey eq '-'", results_per_page=1, **_ONCE)
        try:
            await anext(query.by_page(), None)
        except AzureError:
            return False
        return True


class _AzureTable:
    def __init__(self, name: str, client: TableClient) -> None:
        self._name = name
        self._client = client

    async def get(self, partition: str, key: str) -> Row | None:
        entity = await self._entity(partition, key)
        return None if entity is None else _row(self._name, entity)

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        if limit is not None and limit < 1:
            return
        condition = "PartitionKey eq @partition and RowKey ge @start"
        bounds = {"partition": partition, "start": start}
        if end is not None:
            condition += " and RowKey lt @end"
            bounds["end"] = end
        size = _PAGE if limit is None else min(limit, _PAGE)
        pages = self._client.query_entities(condition, parameters=bounds, results_per_page=size).by_page()
        count = 0
        while (page := await _next(pages)) is not None:
            for entity in page:
                yield _row(self._name, entity)
                count += 1
                if count == limit:
                    return

    async def partitions(self) -> AsyncIterator[str]:
        found = await self._partition_after("")
        while found is not None:
            yield found
            found = await self._partition_after(found)

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        check_limits(partition, changes)
        mark = secrets.token_hex(8)
        try:
            with _failures_named():
                return await self._write(partition, changes, mark)
        except HttpResponseError as error:
            if error.status_code not in _CONDITION_FAILED:
                raise
            index = error.index if isinstance(error, TableTransactionError) else 0
        return await self._own_write(partition, changes, mark, changes[index].key)

    async def _partition_after(self, last: str) -> str | None:
        bounds, columns = {"last": last}, ["PartitionKey"]
        query = self._client.query_entities(
            "PartitionKey gt @last", parameters=bounds, select=columns, results_per_page=1
        )  # fmt: skip
        pages = query.by_page()
        # A page may be empty and yet not the last one.
        while (page := await _next(pages)) is not None:
            if page:
                return str(page[0]["PartitionKey"])
        return None

    async def _entity(self, partition: str, key: str) -> _Entity | None:
        with _failures_named():
            try:
                return await self._client.get_entity(partition, key)
            except ResourceNotFoundError as error:
                if getattr(error, "error_code", None) == TableErrorCode.TABLE_NOT_FOUND:
                    raise StoreUnavailable(f"the table {self._client.table_name} is missing") from error
                return None

    async def _write(self, partition: str, changes: Sequence[Change], mark: str) -> dict[str, str]:
        # A deletion alone is a transaction too: aiohttp sends a DELETE again by itself when the connection
        # breaks, and the client is silent about a missing row.
        match changes:
            case [Put() as put]:
                return {put.key: await self._put(partition, put, mark)}
        operations = [_operation(partition, change, mark) for change in changes]
        has_marks = any(isinstance(change, Put) for change in changes)
        answers = await self._client.submit_transaction(operations, **_REPEATABLE if has_marks else _ONCE)
        written = zip(changes, answers, strict=True)
        return {change.key: answer["etag"] for change, answer in written if isinstance(change, Put)}

    async def _put(self, partition: str, put: Put, mark: str) -> str:
        entity = _marked(partition, put, mark)
        if put.etag is None:
            answer = await self._client.create_entity(entity, **_REPEATABLE)
        else:
            condition = MatchConditions.IfNotModified
            answer = await self._client.update_entity(
                entity, UpdateMode.REPLACE, etag=put.etag, match_condition=condition, **_REPEATABLE
            )
        return str(answer["etag"])

    async def _own_write(self, partition: str, changes: Sequence[Change], mark: str, failed: str) -> dict[str, str]:
        """Answer the etags if the rows bear our mark: the first answer was lost and its repetition refused.

        Raises `Conflict` otherwise. A new row is asked first, being the least likely to be overwritten since.
        """
        puts = [change for change in changes if isinstance(change, Put)]
        puts.sort(key=lambda put: put.etag is not None)
        etags: dict[str, str] = {}
        for put in puts:
            entity = await self._entity(partition, put.key)
            ours = entity is not None and entity.get(WRITE_MARK) == mark
            if not ours and not etags:
                break
            etags[put.key] = _row(self._name, entity).etag if entity is not None and ours else _SUPERSEDED
        if not etags:
            raise Conflict(failed)
        return etags


def _client_options() -> dict[str, Any]:
    # The timeouts belong to the transport: given to the client they do not reach a transport made by hand.
    transport = AioHttpTransport(connection_timeout=3, read_timeout=5, use_env_settings=False)
    return {"transport": transport, "retry_total": 2, "retry_backoff_factor": 0.2}


@contextmanager
def _failures_named() -> Iterator[None]:
    """Raise `StoreUnavailable` for what the service did not answer; let through what it refused."""
    try:
        yield
    except HttpResponseError as error:
        if getattr(error, "error_code", None) == TableErrorCode.TABLE_NOT_FOUND:
            raise StoreUnavailable("a table is missing, or is still being deleted") from error
        if error.status_code in _OUR_FAULT:
            raise
        if error.status_code is None:
            raise StoreUnavailable("the storage account was not asked: no key and no identity signs in") from error
        raise StoreUnavailable(f"the storage account answered {error.status_code}") from error
    except AzureError as error:
        raise StoreUnavailable(f"the storage account could not be reached: {error}") from error


async def _next(pages: AsyncIterator[AsyncIterator[_Entity]]) -> list[_Entity] | None:
    with _failures_named():
        page = await anext(pages, None)
        return None if page is None else [entity async for entity in page]


def _operation(partition: str, change: Change, mark: str) -> tuple[str, _Entity, dict[str, Any]]:
    condition = {"etag": change.etag, "match_condition": MatchConditions.IfNotModified}
    if isinstance(change, Delete):
        return "delete", {"PartitionKey": partition, "RowKey": change.key}, condition
    entity = _marked(partition, change, mark)
    if change.etag is None:
        return "create", entity, {}
    return "update", entity, {"mode": UpdateMode.REPLACE, **condition}


def _marked(partition: str, put: Put, mark: str) -> _Entity:
    columns = {name: _column(value) for name, value in put.values.items()}
    return {**columns, "PartitionKey": partition, "RowKey": put.key, WRITE_MARK: mark}


def _column(value: Value) -> Value | EntityProperty:
    # The client knows the exact types only: it stores an IntEnum as text and refuses other subclasses.
    if isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return str(value)
    return int(value) if value in _INT32 else EntityProperty(int(value), EdmType.INT64)


def _row(name: str, entity: Any) -> Row:  # noqa: ANN401 - the client's entity is a dict with untyped metadata
    columns = dict(entity)
    partition, key = columns.pop("PartitionKey"), columns.pop("RowKey")
    columns.pop(WRITE_MARK, None)
    values = StoredValues({k: v.value if isinstance(v, EntityProperty) else v for k, v in columns.items()})
    values.stands = (name, partition, key)
    return Row(partition, key, values, entity.metadata["etag"])
