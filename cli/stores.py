"""The store that the settings name, as every command opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.clock import MovableClock
from bot.settings import Settings, SettingsError
from state.clock import ClockOffsets
from state.directory_files import read_files
from state.people import PeopleStore
from state.sqlite import SqliteStore
from state.table import Store


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name; it is connected by `open`."""
    if settings.sqlite_path is not None:
        return SqliteStore(settings.sqlite_path)
    from state.azure import AzureStore  # noqa: PLC0415 - loads slowly, and SQLite does without

    if settings.connection_string:
        try:
            return AzureStore.from_connection_string(settings.connection_string)
        except ValueError as error:
            raise SettingsError(["AZURE_STORAGE_CONNECTION_STRING cannot be read."]) from error
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - the same

    return AzureStore.from_account(settings.storage_account, DefaultAzureCredential())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    store = open_store(settings)
    try:
        await store.open()
        yield store
    finally:
        await store.close()


async def load_first_directory(settings: Settings, store: Store) -> None:
    """Load the directory folder of the settings when the store holds no directory yet."""
    people = PeopleStore(store)
    if settings.directory and await people.is_empty():
        await people.load(read_files(Path(settings.directory), settings.home_tenant))


async def present_clock(settings: Settings, store: Store) -> MovableClock:
    """Return the clock as the running bot has it: in local mode it may have been moved."""
    clock = MovableClock()
    if settings.is_local:
        clock.offset = timedelta(seconds=await ClockOffsets(store).load())
    return clock
