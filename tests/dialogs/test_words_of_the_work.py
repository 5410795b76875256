"""The words that people type about the work after an assignment: proposals, leaves, learning and engagements."""

import pytest

from bot.domain.people import Role
from tests.dialogs.conftest import HOME, someone


@pytest.fixture
def ana(chat_of):
    return chat_of(someone("ana@home.example", "Ana", Role.ASSIGNER, HOME))


@pytest.mark.parametrize("typed", ["propose", "Propose help", "propose contoso", "propose CONTOSO!"])
async def test_an_fpm_gets_the_form_of_a_proposal(frank, typed):
    await frank.type(typed)
    assert "propose" in frank.newest.verbs
    assert {"contact", "sme", "start", "end", "outcomes"} <= frank.newest.inputs.keys()
    assert frank.newest.inputs["partner"]["value"] == "CONTOSO"


async def test_every_form_of_a_proposal_is_another_one(frank):
    tokens = set()
    for _ in range(2):
        await frank.type("propose")
        tokens.add(frank.newest.button("propose")["data"]["engagement"])
    assert len(tokens) == 2
    assert all(len(token) == 32 for token in tokens)


async def test_who_may_not_propose_is_told_so_and_an_assigner_which_word_is_missing(rita, sam, frank, ana):
    assert "not for you" in await rita.type("propose")
    assert "not for you" in await sam.type("propose CONTOSO")
    assert "no such partner" in await frank.type("propose FABRIKAM")
    assert "propose CONTOSO" in await ana.type("propose")
    await ana.type("propose contoso")
    assert "propose" in ana.newest.verbs


async def test_an_sme_names_leaves_and_takes_one_back(sam):
    await sam.type("leave")
    assert "No leave is named." in sam.newest.text
    await sam.type("leave from 2026-12-21 to 1 Jan 2027")
    assert "21 Dec 2026 to 1 Jan 2027" in sam.newest.text
    await sam.type("leave from 2026-12-01 to 2026-12-02")
    assert sam.newest.text.index("1 Dec 2026") < sam.newest.text.index("21 Dec 2026")
    card = sam.newest
    await sam.press("end_leave", card, where={"first": "2026-12-01"})
    assert "1 Dec 2026 to 2 Dec" not in sam.newest.text
    assert "21 Dec 2026 to 1 Jan 2027" in sam.newest.text
    assert "no such leave" in await sam.press("end_leave", card, where={"first": "2026-12-01"})
    await sam.type("my leaves")
    assert "21 Dec 2026" in sam.newest.text


async def test_what_is_wrong_with_a_leave_is_said(sam, frank, rita):
    assert "like: leave from 2026-12-01" in await sam.type("leave tomorrow")
    assert "a year at most" in await sam.type("leave from 2026-12-02 to 2026-12-01")
    for chat in (frank, rita):
        assert "Leaves are for SMEs" in await chat.type("leave from 2026-12-01 to 2026-12-02")


@pytest.mark.parametrize("value", [None, 7, ["2026-12-01"], {}, "2026-13-01", ""])
async def test_a_leave_that_no_card_shows_is_not_ended(sam, value):
    assert "no such leave" in await sam.send({"verb": "end_leave", "first": value, "last": value})


async def test_a_leave_that_was_sent_again_is_not_named_again(sam):
    typed = "leave from 2026-12-21 to 2027-01-01"
    await sam.type(typed)
    await sam.press("end_leave")
    await sam.repeat(typed)
    await sam.type("leave")
    assert "No leave is named." in sam.newest.text


async def test_partners_and_fpms_see_what_was_learned(rita, frank):
    for chat in (rita, frank):
        await chat.type("learning")
        assert "No help has ended yet." in chat.newest.text


async def test_an_sme_and_an_fpm_see_their_engagements(sam, frank):
    for chat in (sam, frank):
        await chat.type("engagements")
        assert "Engagements" in chat.newest.text
