"""The store: whether it is reached, keeps its promises and answers soon, and what it refuses."""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

_SLOW = 0.5
_ROLE = (
    "Give the bot's identity the role Storage Table Data Contributor on the storage account, and wait some minutes. "
    "AZURE_CLIENT_ID says which identity is meant where a host has several."
)
_BY_CODE = {
    "AuthorizationPermissionMismatch": _ROLE,
    "AuthorizationFailure": "The account's network rules keep this host out, or its identity has no role: let the "
    "host's network in.",
    "KeyBasedAuthenticationNotPermitted": "The account takes no keys: set AZURE_STORAGE_ACCOUNT in the place of "
    "AZURE_STORAGE_CONNECTION_STRING.",
    "AuthenticationFailed": "The account does not take the key or token: compare AZURE_STORAGE_CONNECTION_STRING or "
    "the identity's tenant, and the clock of this machine.",
    "InvalidAuthenticationInfo": "The account does not take the token: is the identity of the account's own tenant?",
}
_BY_STATUS = {
    401: _BY_CODE["InvalidAuthenticationInfo"],
    403: _ROLE,
    404: "There is no such account, or no tables in it: compare AZURE_STORAGE_ACCOUNT.",
}
_AZURE = "Compare AZURE_STORAGE_ACCOUNT, and see that this host's network reaches the account and its identity."
_SQLITE = "See that the folder can be written and the disk is not full."


def storage_refused(settings: Settings, is_so: str, status: int = 0, code: str = "") -> Finding:
    """Return why the store cannot be opened, by the service's own status and code where it said some."""
    named = " ".join(filter(None, (str(status or ""), code)))
    advice = _BY_CODE.get(code) or _BY_STATUS.get(status)
    advice = advice or (_AZURE if settings.storage_kind == "azure" else _SQLITE)
    return to_mend("storage", f"{is_so} ({named})" if named else is_so, advice)


async def storage_examined(
    check_up: Callable[[], Awaitable[str]],
    ping: Callable[[], Awaitable[bool]],
    seconds: Callable[[], float] = perf_counter,
) -> Sequence[Finding]:
    """Return whether the store keeps what everything else relies on, and how soon it answers."""
    if fault := await check_up():
        return [to_mend("storage", fault, "Use a store that keeps its promises: nothing is safe in this one.")]
    began = seconds()
    if not await ping():
        return [to_mend("storage", "does not answer", "It did a moment ago: run this again.")]
    took = seconds() - began
    found = [Finding("storage", f"reached in {took * 1000:.0f} ms; conditional writes and batches hold")]
    if took > _SLOW:
        near = "Every turn waits for some of them: is the account in the region of the bot?"
        found.append(noted("storage", f"a read takes {took * 1000:.0f} ms", near))
    return found
