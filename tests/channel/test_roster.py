"""What the roster says of the sender of an activity, and what it is not believed."""

import pytest
from aiohttp import web

from bot.channel.activities import decode
from bot.channel.connector import Connector
from bot.channel.roster import PATIENCE, Listed, Roster

ME = "99999999-AAAA-4aaa-8aaa-000000000009"
MEMBER = {"id": "29:1me", "aadObjectId": ME.lower(), "email": "Me@Home.example", "userPrincipalName": "me@home.example"}


def activity(service, object_id=ME):
    sender = {"id": "29:1me", **({"aadObjectId": object_id} if object_id else {})}
    return decode({"type": "message", "serviceUrl": service.url, "from": sender, "conversation": {"id": "a:1/chat"}})


@pytest.fixture
def roster(connector):
    return Roster(connector)


def answering(service, body, status=200):
    service.script.append((status, {}, body))


async def test_the_addresses_of_the_sender_are_given_once_in_lower_case(service, roster):
    answering(service, MEMBER)
    assert await roster.of(activity(service)) == Listed(("me@home.example",))
    answering(service, MEMBER | {"userPrincipalName": "m.e@home.example "})
    assert (await roster.of(activity(service))).addresses == ("m.e@home.example", "me@home.example")
    assert [call.path for call in service.calls] == ["/teams/v3/conversations/a%3A1%2Fchat/members/29%3A1me"] * 2


async def test_the_object_id_is_understood_under_the_name_that_teams_gives_it(service, roster):
    said = {key: value for key, value in MEMBER.items() if key != "aadObjectId"}
    answering(service, said | {"objectId": ME})
    assert (await roster.of(activity(service))).addresses == ("me@home.example",)


@pytest.mark.parametrize("principal", ["me_x.example#EXT#@home.example", "ME_X.EXAMPLE#ext#@HOME.EXAMPLE"])
async def test_a_guest_is_known_by_the_principal_name(service, roster, principal):
    answering(service, MEMBER | {"userPrincipalName": principal})
    assert (await roster.of(activity(service))).is_guest


@pytest.mark.parametrize(
    "body",
    [
        MEMBER | {"aadObjectId": "99999999-aaaa-4aaa-8aaa-000000000001"},
        MEMBER | {"aadObjectId": ""},
        MEMBER | {"aadObjectId": 9},
        MEMBER | {"aadObjectId": None},
        {"email": "me@home.example"},
        [MEMBER],
        "me@home.example",
        "<html>",
        {},
    ],
)
async def test_what_is_about_somebody_else_or_makes_no_sense_is_not_believed(service, roster, body):
    answering(service, body)
    assert await roster.of(activity(service)) == Listed()


async def test_addresses_that_are_no_texts_are_left_out(service, roster):
    answering(service, MEMBER | {"email": ["me@home.example"], "userPrincipalName": {}})
    assert await roster.of(activity(service)) == Listed()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_roster_that_refuses_names_nobody(service, roster, status):
    answering(service, MEMBER, status)
    assert await roster.of(activity(service)) == Listed(is_known=status in {403, 404})


@pytest.mark.parametrize("fault", ["reset", "half"])
async def test_a_roster_that_breaks_off_names_nobody(service, roster, fault):
    service.script.append(fault)
    assert await roster.of(activity(service)) == Listed()


async def test_a_roster_that_does_not_answer_is_not_waited_for(service, roster):
    service.script.append("hang")
    assert await roster.of(activity(service)) == Listed(is_known=False)
    assert PATIENCE < 5


async def test_somebody_of_whom_teams_says_no_id_is_nobody(service, roster):
    answering(service, {"email": "me@home.example", "userPrincipalName": "me@home.example", "aadObjectId": ""})
    assert await roster.of(activity(service, "")) == Listed()


async def test_a_foreign_host_is_not_asked(service):
    async def seen(_request):
        return web.json_response(MEMBER)

    service.script.append(seen)
    connector = Connector(tokens=None, service_hosts=frozenset({"smba.example"}), local=False)
    assert await Roster(connector).of(activity(service)) == Listed(is_known=False)
    await connector.close()
    assert service.calls == []
