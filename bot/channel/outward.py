"""The session for calls that do not go to Teams."""

import aiohttp


def outward_session() -> aiohttp.ClientSession:
    """Return the session that fetches signing keys, speaks to Graph and uploads files.

    It goes by no proxy, unpacks nothing, and keeps no cookies: what one person's OneDrive sets is not for another's.
    """
    return aiohttp.ClientSession(trust_env=False, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
