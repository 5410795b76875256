"""The bot and the peers that it is measured against show the same cards, so that their figures can be compared."""

from dataclasses import replace

from tests.bench.directory import made_people
from tests.bench.journey import STEPS
from tests.bench.servers import OURS, SERVERS
from tests.bench.teams import Call, running_teams
from tests.bench.transcripts import differing, transcript_of, transcripts


async def test_all_four_show_the_same_cards_in_the_same_order(tmp_path):
    async with running_teams(tmp_path) as teams:
        found = await transcripts(teams, made_people(), tmp_path)
    for server in SERVERS:
        assert found[server.name] == found[OURS.name], server.name
    assert len(found[OURS.name]) == sum(len(step.calls) for step in STEPS)


def test_a_peer_that_asks_something_else_is_noticed():
    body = b'{"summary": "A", "attachments": [{"content": {"text": "Customer", "data": {"form": "%s"}}}]}'
    call = Call("POST", "1", body % b"0a")
    same, other = replace(call, body=body % b"0b"), replace(call, body=body.replace(b"Customer", b"Partner") % b"0a")
    assert differing({OURS.name: transcript_of([call]), "same": transcript_of([same])}) == []
    assert differing({OURS.name: transcript_of([call]), "other": transcript_of([other])}) == ["other"]


def test_a_peer_that_updates_another_message_is_noticed():
    posts = [Call("POST", "1", b"{}"), Call("POST", "2", b"{}")]
    found = {OURS.name: transcript_of([*posts, Call("PUT", "1", b"{}")])}
    assert differing(found | {"other": transcript_of([*posts, Call("PUT", "2", b"{}")])}) == ["other"]
