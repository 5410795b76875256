"""A store on a file of the test alone, and the whole desk over it with the sample directory."""

import pytest

from tests.domain.office import opened_office


@pytest.fixture
async def office(store):
    return await opened_office(store)
