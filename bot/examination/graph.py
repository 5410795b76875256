"""Microsoft Graph: a token, and the permissions that are needed and no others."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from bot.channel.credentials import TokenSource
from bot.channel.graph import MAIL, SCOPE, WIDER, Graph, permissions_for
from bot.channel.guarded import NoTokenError
from bot.channel.installation import Catalogue, look_up
from bot.examination.finding import Finding, Level, examples, noted, to_mend
from bot.examination.sign_in import advice_for, claims_of
from bot.settings import Settings

_CONSENT = "Grant it to the app's service principal in the home tenant: deployment/README.md, Install."
_REACH = "Is SME_GRAPH_URL reached from here?"
_LATER = "What was granted lately is not in force yet: run this again in an hour."
_NOBODY = "nobody@example.invalid"
_WIDER = "If it was granted over an hour ago, grant User.Read.All as well: deployment/README.md, Microsoft Graph."
_PUBLISH = (
    "Upload the package of make package in the Teams admin center, under Manage apps: SME_TEAMS_APP_ID is the id in "
    "its manifest."
)


async def graph_examined(settings: Settings, tokens: TokenSource, graph: Graph) -> Sequence[Finding]:
    """Return whether Graph lets the bot do what the settings ask of it."""
    needed = permissions_for(mails=settings.mails_by_graph, installs=bool(settings.teams_app_id))
    if not needed:
        return [Finding("Graph", "not needed by these settings")]
    found = await _permissions(settings, tokens, needed)
    if settings.teams_app_id and all(each.level is not Level.MEND for each in found):
        found += [await _app(Catalogue(graph, settings.teams_app_id)), await _people(graph)]
    return found


async def _permissions(settings: Settings, tokens: TokenSource, needed: Mapping[str, str]) -> list[Finding]:
    try:
        claims = claims_of(await tokens.token(SCOPE))
    except NoTokenError as error:
        return [to_mend("Graph", f"no token: {error.reason}", advice_for(settings, error.reason))]
    if claims is None:
        return [noted("Graph", "a token was issued, of which nothing can be read")]
    roles = claims.get("roles")
    granted = frozenset(map(str, roles)) if isinstance(roles, list) else frozenset[str]()
    fitting = {permission: {permission} | WIDER.get(permission, frozenset()) for permission in needed}
    found = [
        to_mend("Graph", f"{permission} is missing, to {needed[permission]}", _CONSENT)
        for permission, any_of in fitting.items()
        if permission != MAIL and not any_of & granted
    ]
    if not found and (held := [permission for permission, any_of in fitting.items() if any_of & granted]):
        found.append(Finding("Graph", f"granted: {', '.join(held)}"))
    if MAIL in needed:
        found.append(_mail(is_in_token=MAIL in granted))
    if more := sorted(granted - frozenset[str]().union(*fitting.values())):
        found.append(noted("Graph", f"more than needed: {examples(more)}", "Take them away from the app in Entra."))
    return found


def _mail(*, is_in_token: bool) -> Finding:
    if is_in_token:
        limit = "Grant it in Exchange Online for the one mailbox instead: deployment/README.md, Install."
        return noted("Graph", f"{MAIL} opens every mailbox of the tenant", limit)
    seen = "That is right where Exchange Online grants it for the one mailbox: see by doctor --mail ADDRESS."
    return noted("Graph", f"{MAIL} is not in the token", seen)


async def _app(catalogue: Catalogue) -> Finding:
    outcome, app = await catalogue.look()
    if app:
        return Finding("Graph", "the Teams app is in the organisation's catalogue")
    if not outcome.ok:
        advice = _LATER if outcome.status == HTTPStatus.FORBIDDEN else _REACH
        return to_mend("Graph", f"the catalogue was not read: {outcome.status or outcome.code}", advice)
    return to_mend("Graph", "the Teams app is not in the organisation's catalogue", _PUBLISH)


async def _people(graph: Graph) -> Finding:
    """Look for somebody who is not there: what the token holds does not say whether Graph lets the bot look."""
    outcome, _ = await look_up(graph, _NOBODY)
    if outcome.ok:
        return Finding("Graph", "people are looked up by their address")
    advice = _WIDER if outcome.status == HTTPStatus.FORBIDDEN else _REACH
    return to_mend("Graph", f"nobody can be looked up: {outcome.status or outcome.code}", advice)
