"""Telemetry in production: signed in by the managed identity, and nothing in it names a person, a chat or a secret."""

import csv
import ssl

import pytest

from bot.instruments import ACTIVITY_SPAN, DELIVERY_SPAN
from tests.conftest import SAMPLE
from tests.ingestion import KEY, running_ingestion
from tests.stories.journey import CUSTOMER_TENANT, FORM, accepted

HIDDEN_REQUESTS = {"Bearer", "eyJ", "hush", "token-", "identity-"}


@pytest.fixture
async def ingestion(pem):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    async with running_ingestion(ssl=context) as running:
        yield running


def marks(bot, number, people):
    """Return what nobody outside may read: people, chats, what was typed, the request, tokens."""
    with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
        named = {row[column] for row in csv.DictReader(file) for column in ("name", "email", "contact_email")}
    of_people = {value for p in people for value in (p.object_id, p.tenant_id, p.user_id, p.conversation)}
    typed = {FORM["tenant_name"], FORM["justification"], CUSTOMER_TENANT, number}
    cards = {message.id for messages in bot.teams.chats.values() for message in messages}
    return (named | of_people | typed | cards | HIDDEN_REQUESTS) - {""}


async def test_a_whole_journey_is_told_of_and_names_nobody(in_production, ingestion, sign_in):
    settings = {"APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string}
    async with in_production(**settings) as bot:
        people = await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
        number = await accepted(*people)
        await people[0].forge_press("approve", number)
        await people[0].say("what are calling plans?")

    assert ingestion.paths == {"//v2.1/track"}
    assert ingestion.authorizations == {"Bearer identity-1"}
    assert {query["resource"] for query in sign_in.identity_queries} == {"https://monitor.azure.com/"}
    assert {envelope["iKey"] for envelope in ingestion.envelopes} == {KEY}
    assert {each["name"] for each in ingestion.of("RequestData")} >= {ACTIVITY_SPAN, DELIVERY_SPAN}
    assert ingestion.of("RemoteDependencyData")
    assert ingestion.of("MessageData")
    assert {each["metrics"][0]["name"] for each in ingestion.of("MetricData")} >= {"sme.turn.duration", "sme.notices"}
    told = ingestion.text
    assert [mark for mark in marks(bot, number, people) if mark in told] == []
