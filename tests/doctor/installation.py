"""An installation in production with everything that the doctor asks on loopback: Entra, Bot Framework, Graph."""

from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

import jwt
from aiohttp import web

from bot.channel.connector import BOT_SCOPE
from bot.domain.people import Address, Identity, Role
from bot.settings import SAMPLE_HOME_TENANT, read_settings
from cli.doctor import doctor
from cli.stores import opened
from state.directory_files import read_files
from state.people import PeopleStore
from tests.authentication.production_bot import production
from tests.channel.graph_stand_in import GraphStandIn
from tests.channel.local_framework import APP_ID, KeyServer
from tests.channel.sign_in import SignInService
from tests.domain.office import SAMPLE

SENDER = "requests@fasttrack.example"


@dataclass
class Entra:
    """What the sign-in service says: the claims of each resource's tokens, or the number of its refusal."""

    sign_in: SignInService
    claims: dict = field(default_factory=lambda: {"appid": APP_ID, "tid": SAMPLE_HOME_TENANT})
    roles: list = field(default_factory=list)
    refusal: int = 0

    async def answer(self, request):
        if self.refusal:
            return self.refused()
        form = await request.post()
        audience = str(form["scope"]).removesuffix("/.default")
        claims = {"aud": audience} | self.claims | ({} if form["scope"] == BOT_SCOPE else {"roles": self.roles})
        token = jwt.encode(claims, "k" * 32, "HS256")
        self.sign_in.scopes[token] = form["scope"]
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    def refused(self, status=401):
        said = f"AADSTS{self.refusal}: Identifier '{APP_ID}' with the secret 'hush' is refused. Trace ID: 1"
        answer = {"error": "invalid_client", "error_description": said, "error_codes": [self.refusal]}
        return web.json_response(answer, status=status)


@dataclass
class Installation:
    """Is well as it is; a test breaks a part and reads what the doctor says."""

    folder: Path
    entra: Entra
    keys: KeyServer
    graph: GraphStandIn
    capsys: object
    settings: dict = field(default_factory=dict)

    @property
    def environment(self):
        env = production(self.folder, "http://127.0.0.1:9", self.keys.url, self.entra.sign_in)
        mine = {
            "MICROSOFT_APP_TENANT_ID": SAMPLE_HOME_TENANT,
            "MICROSOFT_APP_CERTIFICATE": str(self.folder / "bot.pem"),
            "MICROSOFT_APP_PASSWORD": None,
            "SME_GRAPH_URL": self.graph.url,
        }
        return {name: value for name, value in (env | mine | self.settings).items() if value is not None}

    async def in_the_store(self, work):
        async with opened(read_settings(self.environment)) as store:
            return await work(store)

    async def load(self, folder=SAMPLE):
        """Load a directory, all of whose FPMs have opened the app."""

        async def loaded(store):
            people = PeopleStore(store)
            await people.load(read_files(folder, SAMPLE_HOME_TENANT))
            for fpm in await people.with_role(Role.FPM):
                await people.remember_address(Identity(fpm.tenant_id, fpm.object_id), address_of(fpm))

        await self.in_the_store(loaded)

    async def examined(self, mail=None):
        """Return how the doctor ends, and its lines; those of advice are indented."""
        self.capsys.readouterr()
        code = await doctor(read_settings(self.environment), Namespace(mail=mail))
        return code, self.capsys.readouterr().out.splitlines()

    async def advice(self, line, mail=None):
        """Return what is advised below the one line that begins so; what is to mend has its exit code."""
        code, lines = await self.examined(mail)
        found = [each for each in lines if each.startswith(line)]
        assert len(found) == 1, lines
        assert code == any(each.startswith("MEND") for each in lines)
        return lines[lines.index(found[0]) + 1].strip()


def address_of(person):
    return Address("https://teams.example/", f"a:{person.object_id}", person.tenant_id, "29:1", "28:1")
