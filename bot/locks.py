"""One lock for each key, kept only as long as somebody holds or awaits it."""

import asyncio
from weakref import WeakValueDictionary


class KeyedLocks:
    """Locks within this process; what other instances do is guarded by etags."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
