"""Brings the app to people of the home tenant who have never opened it, so that they can be written to at all."""

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from bot.channel.connector import NOWHERE, Connector, Kind, Outcome
from bot.channel.graph import Graph
from bot.channel.roster import GUEST_MARK
from bot.channel.together import Together
from bot.domain.delivery import Attempt, Result
from bot.domain.kinds import GUID
from bot.domain.people import Address, Identity, Person
from bot.domain.ports import People

NO_CONVERSATION = "has not opened the app in Teams yet"
TEAMS_PLACES = (
    "https://smba.trafficmanager.net/teams/",
    "https://smba.infra.gcc.teams.microsoft.com/teams/",
    "https://smba.infra.gov.teams.microsoft.us/teams/",
)
"""Where Microsoft's documentation has bots open chats, one place for each cloud."""
LOOK_AGAIN_AFTER = 600.0
REFUSED_FOR = 86_400.0
SETTLES_WITHIN = 120.0
"""So many seconds Teams may take until it knows everywhere that the app is there."""
_MOST_KEPT = 8_192
_APP = re.compile("[A-Za-z0-9-]{1,100}")
# Whatever is asked of Graph here changes nothing when it is asked again.
_PASSING: Mapping[Kind, Result] = {
    Kind.NOT_SENT: Result.NOT_SENT,
    Kind.AMBIGUOUS: Result.NOT_SENT,
    Kind.UNAUTHORIZED: Result.UNAUTHORIZED,
    Kind.THROTTLED: Result.THROTTLED,
}
_NOT_HERE = frozenset({Kind.UNREACHABLE, Kind.REJECTED, Kind.FORBIDDEN_HOST})

_T = TypeVar("_T")

log = logging.getLogger(__name__)


class _EndedError(Exception):
    """There is no chat, and the attempt says why; for so many seconds the same is not tried again."""

    def __init__(self, attempt: Attempt, stands_for: float = 0.0) -> None:
        super().__init__(attempt.reason)
        self.attempt = attempt
        self.stands_for = stands_for


def _ended(outcome: Outcome, step: str, stands_for: float = REFUSED_FOR) -> _EndedError:
    """Return the end that an outcome brings: it passes soon, or it stands for a while."""
    said = " ".join(str(part) for part in (step, outcome.status, outcome.code) if part)
    # Graph says 412 where an installation would need more consent, and that does not pass.
    passing = None if outcome.status == HTTPStatus.PRECONDITION_FAILED else _PASSING.get(outcome.kind)
    if passing:
        return _EndedError(Attempt(passing, said, outcome.retry_after))
    return _EndedError(Attempt(Result.UNREACHABLE, f"{NO_CONVERSATION} ({said})"), stands_for)


def _listed(outcome: Outcome) -> list[Mapping[str, Any]]:
    found = outcome.body.get("value")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value.strip() if isinstance(value, str) else ""


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class Catalogue:
    """This app in the organisation's catalogue, under the id that the catalogue has given it."""

    def __init__(self, graph: Graph, teams_app_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._graph = graph
        self._teams_app_id = teams_app_id
        self._clock = clock
        self._found = ""
        self._missing: Outcome | None = None
        self._look_again_at = 0.0
        self._looks: Together[str] = Together()

    async def app(self, *, anew: bool = False) -> str:
        """Return the id, looked up once. Raises _EndedError; that the app is missing is believed for ten minutes."""
        if self._missing and self._clock() < self._look_again_at:
            raise _ended(self._missing, "not in the catalogue", 0)
        return self._found if self._found and not anew else await self._looks.done("", self._looked)

    async def _looked(self) -> str:
        outcome, self._found = await self.look()
        if not self._found:
            self._note(outcome)
            raise _ended(outcome, "not in the catalogue", 0)
        self._missing = None
        return self._found

    async def look(self) -> tuple[Outcome, str]:
        """Return what Graph answers, and the id of the app in the catalogue, '' when it is not there."""
        query = {"$filter": f"externalId eq {_quoted(self._teams_app_id)}"}
        outcome = await self._graph.get(("appCatalogs", "teamsApps"), query)
        for each in _listed(outcome):
            is_ours = _text(each, "externalId").lower() == self._teams_app_id
            is_published = _text(each, "distributionMethod").lower() != "sideloaded"
            if is_ours and is_published and _APP.fullmatch(_text(each, "id")):
                return outcome, _text(each, "id")
        return outcome, ""

    def _note(self, outcome: Outcome) -> None:
        if outcome.kind in _PASSING:
            return
        if self._missing is None:
            log.error("the app is not in the catalogue: nobody gets it installed", extra={"status": outcome.status})
        self._missing, self._look_again_at = outcome, self._clock() + LOOK_AGAIN_AFTER


async def look_up(graph: Graph, email: str) -> tuple[Outcome, str]:
    """Return what Graph answers, and the object id of the one member who has this address, '' when there is none."""
    named = f"mail eq {_quoted(email)} or userPrincipalName eq {_quoted(email)}"
    outcome = await graph.get(("users",), {"$filter": named, "$select": "id,mail,userPrincipalName"})
    found = [
        _text(each, "id").lower()
        for each in _listed(outcome)
        if email in {_text(each, "mail").lower(), _text(each, "userPrincipalName").lower()}
        and GUEST_MARK not in _text(each, "userPrincipalName").lower()
    ]
    return outcome, found[0] if len(found) == 1 and GUID.fullmatch(found[0]) else ""


class Installation:
    """Installs the app for somebody and opens their chat.

    Nobody gets it against their will, and nobody of a partner: their tenants have not consented to that.
    What was refused for good is remembered by each instance for a day: another one would ask once more, and no harm.
    """

    def __init__(  # noqa: PLR0913 - each is one part that it stands on
        self,
        graph: Graph,
        catalogue: Catalogue,
        connector: Connector,
        people: People,
        *,
        home_tenant: str,
        app_id: str,
        places: Iterable[str] = TEAMS_PLACES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._graph = graph
        self._catalogue = catalogue
        self._connector = connector
        self._people = people
        self._home_tenant = home_tenant
        self._bot_id = f"28:{app_id}"
        self._documented = next(filter(connector.allows, places), "")
        self._clock = clock
        self._refused: dict[str, tuple[float, Attempt]] = {}
        self._installed: dict[str, float] = {}
        self._openings: Together[Address | Attempt] = Together()

    async def open_chat(self, email: str) -> Address | Attempt:
        """Return where the person is reached from now on, or what has become of the attempt. Safe to do twice.

        However much waits for a person, Graph and Teams are asked once.
        """
        return await self._openings.done(email, partial(self._open_chat, email))

    async def _open_chat(self, email: str) -> Address | Attempt:
        person = await self._people.by_email(email)
        if person is None or person.tenant_id != self._home_tenant or await self._people.has_removed_app(email):
            return Attempt(Result.UNREACHABLE, NO_CONVERSATION)
        refused_until, refusal = self._refused.get(email, (0.0, None))
        if refusal and self._clock() < refused_until:
            return refusal
        try:
            return await self._opened(person)
        except _EndedError as end:
            log.info("no chat was opened", extra={"result": end.attempt.result.value, "stands_for": end.stands_for})
            if end.stands_for:
                _keep(self._refused, email, (self._clock() + end.stands_for, end.attempt))
            return end.attempt

    async def _opened(self, person: Person) -> Address:
        app = await self._catalogue.app()
        object_id = person.object_id or await self._bound(person.email)
        await self._install(person.email, object_id, app)
        address = await self._chat(person.email, object_id)
        await self._people.remember_address(Identity(self._home_tenant, object_id), address)
        return address

    async def _bound(self, email: str) -> str:
        """Return the object id of somebody who has none in the directory, and enter it there."""
        outcome, object_id = await look_up(self._graph, email)
        if not object_id:
            is_denied = outcome.status == HTTPStatus.FORBIDDEN  # That is about the bot, and not about this person.
            raise _ended(outcome, "no such account", LOOK_AGAIN_AFTER if is_denied else REFUSED_FOR)
        if not await self._people.bind(email, Identity(self._home_tenant, object_id)):
            raise _EndedError(Attempt(Result.UNREACHABLE, f"{NO_CONVERSATION} (another's account)"), REFUSED_FOR)
        return object_id

    async def _install(self, email: str, object_id: str, app: str) -> None:
        outcome = await self._asked_for(object_id, app)
        # It may have been published anew, under another id.
        if outcome.status == HTTPStatus.NOT_FOUND and (renewed := await self._catalogue.app(anew=True)) != app:
            outcome = await self._asked_for(object_id, renewed)
        if outcome.ok:
            log.info("the app was installed for somebody")
            _keep(self._installed, email, self._clock())
        elif outcome.status != HTTPStatus.CONFLICT:  # It is there already.
            raise _ended(outcome, "not installed")

    async def _asked_for(self, object_id: str, app: str) -> Outcome:
        body = {"teamsApp@odata.bind": f"{self._graph.root}/appCatalogs/teamsApps/{app}"}
        return await self._graph.post(("users", object_id, "teamwork", "installedApps"), body)

    async def _chat(self, email: str, object_id: str) -> Address:
        """Open the chat where somebody else of the tenant is reached, else where the documentation says."""
        if address := await self._people.address(email):
            return address  # Teams has told of the installation meanwhile.
        known = await self._people.service_url(self._home_tenant)
        outcome = NOWHERE
        for place in dict.fromkeys(filter(None, (known, self._documented))):
            outcome = await self._connector.create_personal(
                place, tenant_id=self._home_tenant, member_id=object_id, bot_id=self._bot_id
            )
            if outcome.ok and outcome.activity_id:
                return Address(place, outcome.activity_id, self._home_tenant, object_id, self._bot_id)
            if outcome.kind not in _NOT_HERE:
                break
        if outcome.kind in _NOT_HERE and self._clock() - self._installed.get(email, -SETTLES_WITHIN) < SETTLES_WITHIN:
            raise _EndedError(Attempt(Result.NOT_SENT, "Teams does not know of the installation yet"))
        raise _ended(outcome, "no chat", LOOK_AGAIN_AFTER if outcome is NOWHERE else REFUSED_FOR)


def _keep(known: dict[str, _T], email: str, value: _T) -> None:
    """Keep this of somebody; once that has become too much nothing is known of anybody."""
    if len(known) >= _MOST_KEPT:
        known.clear()
    known[email] = value
