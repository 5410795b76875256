"""The cards and mails of access: what each reader sees and can press, whatever somebody has typed."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.access import (
    admission_card,
    ask_card,
    invitation_mail,
    invitations_card,
    refusal_mail,
    standing_card,
)
from bot.domain.access import LONGEST_NAME
from bot.domain.access_desk import MOST_LISTED, NOTE_LONGEST
from bot.domain.kinds import EMAIL_LONGEST
from tests import samples
from tests.cards.lint import LARGEST, actions_of, button, faults_of, inputs_of, shown_texts, verbs_of
from tests.gallery import EXTREMES

FPM = "Ben Hoffmann (ben.hoffmann@fasttrack.example)"
LONG_ADDRESS = "w" * (EMAIL_LONGEST - 16) + "@contoso.example"
STATES = samples.admissions()
BUTTONS = {
    "asked": {"admit", "refuse", "refresh"},
    "asked-taken": {"admit", "refuse", "refresh"},
    "invited": {"send_again", "revoke", "refresh"},
    "invitation": {"send_again", "revoke", "refresh"},
    "expired": {"send_again", "revoke", "refresh"},
    "registered": {"refresh"},
    "refused": {"refresh"},
    "revoked": {"refresh"},
}


def words(card):
    return "\n".join(shown_texts(card))


def size(card):
    return len(json.dumps(card, ensure_ascii=False).encode("utf-16-le"))


def with_refresh(card):
    renewed = [card["refresh"]["action"]["data"]["verb"]] if "refresh" in card else []
    return verbs_of(card) | set(renewed)


@pytest.mark.parametrize("state", STATES)
def test_an_admission_has_the_buttons_of_what_can_be_decided(state):
    card = admission_card(samples.access_view(STATES[state]))
    assert with_refresh(card) == BUTTONS[state]
    for action in actions_of(card):
        if "data" in action:
            carried = {key: action["data"][key] for key in ("request", "revision")}
            assert carried == {"request": STATES[state].id, "revision": STATES[state].revision}


def test_the_contract_names_the_inputs_and_the_kinds_of_buttons():
    card = ask_card(samples.ASKER, FPM)
    assert button(card, "ask")["type"] == "Action.Submit"
    assert {"name", "email", "contact_email", "phone", "partner_name"} <= set(inputs_of(card))
    assert inputs_of(card)["partner_name"]["value"] == "CONTOSO"
    decision = admission_card(samples.access_view(STATES["asked"]))
    assert {button(decision, verb)["type"] for verb in ("admit", "refuse")} == {"Action.Execute"}
    assert set(inputs_of(decision)) == {"refuse_note"}


def test_who_is_unknown_sees_whom_to_turn_to_and_no_more_of_the_directory():
    for card in (ask_card(samples.ASKER, FPM), standing_card(samples.ASKER, STATES["asked"], FPM)):
        assert FPM in words(card)
        assert samples.BACKUP_FPM.email not in json.dumps(card)


def test_mistakes_stand_under_their_inputs_with_the_answers_kept():
    given = {"name": "Maya", "email": "maya at home", "phone": "12"}
    card = ask_card(samples.ASKER, FPM, given, {"email": "Please give one e-mail address."})
    ids = [each.get("id") or each.get("text") or "" for each in card["body"]]
    texts = [json.dumps(each) for each in card["body"]]
    assert "Please give one" in texts[ids.index("email") + 1]
    assert {key: inputs_of(card)[key].get("value") for key in given} == given


def test_an_address_of_somebody_else_is_a_warning_to_the_fpm_alone():
    taken = STATES["asked-taken"]
    assert "already" in words(admission_card(samples.access_view(taken)))
    assert "already" not in words(admission_card(samples.access_view(STATES["asked"])))
    assert words(standing_card(samples.ASKER, taken, FPM)) == words(standing_card(samples.ASKER, STATES["asked"], FPM))


def test_an_expired_invitation_says_so():
    assert "Expired" in words(admission_card(samples.access_view(STATES["expired"])))
    assert "Expired" in words(invitations_card([samples.access_view(STATES["expired"])]))


def test_who_was_refused_reads_why():
    card = standing_card(samples.ASKER, STATES["refused"], FPM)
    assert "account of your own company" in words(card)
    assert verbs_of(card) == set()
    assert verbs_of(standing_card(samples.ASKER, STATES["invited"], FPM)) == {"accept_code"}


def extremes(kind):
    text, name = EXTREMES[kind]
    typed = {
        "name": (name * 5)[:LONGEST_NAME],
        "teams_name": (name * 5)[:LONGEST_NAME],
        "email": LONG_ADDRESS,
        "contact_email": LONG_ADDRESS,
        "phone": text[:40],
        "note": text[:NOTE_LONGEST],
        "changed_by": LONG_ADDRESS,
    }
    found = [replace(admission, **typed) for admission in samples.admissions().values()]
    partner = replace(samples.PARTNER, name=name)
    views = [replace(samples.access_view(one), partner=partner, decider=name, note=text[:200]) for one in found]
    asker = replace(samples.ASKER, partner=partner, name=typed["name"])
    values = dict.fromkeys(("name", "email", "contact_email", "phone"), text)
    wrong = dict.fromkeys((*values, "partner_name"), "Please look at this again: it cannot be taken.")
    yield from (admission_card(view) for view in views)
    yield from (standing_card(asker, one, FPM) for one in found)
    yield ask_card(asker, FPM, values, wrong)
    yield invitations_card([*views, *views][:MOST_LISTED])


@pytest.mark.parametrize("kind", EXTREMES)
def test_cards_are_well_made_and_small_enough_whatever_was_typed(kind):
    for card in extremes(kind):
        assert faults_of(card) == []
        assert size(card) <= LARGEST


def test_what_somebody_typed_stands_only_where_nothing_is_read_as_markup():
    hostile = "**x** [a](https://evil.example) <at>Lee</at>"
    one = replace(STATES["asked"], name=hostile, teams_name=hostile + "2", phone=hostile, note=hostile)
    card = admission_card(samples.access_view(one))
    assert "evil.example" not in card["speak"]
    assert not [e for e in card["body"] if e["type"] == "TextBlock" and "evil" in e["text"]]


def test_more_invitations_than_are_listed_are_owned_up_to():
    many = [samples.access_view(STATES["asked"])] * 100
    card = invitations_card(many)
    assert size(card) <= LARGEST
    assert "more" in words(card), "the card does not say that there are more than it shows"


def test_a_list_of_invitations_opens_each_by_a_button():
    card = invitations_card([samples.access_view(one) for one in STATES.values()])
    assert [a["data"] for a in actions_of(card)] == [{"verb": "look", "request": o.id} for o in STATES.values()]
    assert "Nobody has asked" in words(invitations_card([]))


def test_the_mail_with_a_code_is_plain_text_in_which_the_words_to_type_stand_alone():
    admission = replace(STATES["invitation"], expires_at=samples.BEGINNING + timedelta(days=7))
    text = invitation_mail(admission, "Contoso Consulting", "Ben Hoffmann", "7K3QXDPM42")
    assert re.search(r"^accept 7K3QXDPM42$", text, re.MULTILINE)
    assert "Mon 30 Nov" in text
    assert text.startswith("Hello,\n\n")
    assert not re.search(r"[<>*_`]|https?:", text)
    named = invitation_mail(STATES["invited"], "Contoso Consulting", "Ben Hoffmann", "7K3QXDPM42")
    assert named.startswith("Hello Maya Roth,\n\n")


def test_the_mail_that_refuses_names_the_reason_and_whom_to_ask():
    text = refusal_mail(STATES["refused"], "Contoso Consulting", "Ben Hoffmann")
    assert "account of your own company" in text
    assert samples.FPM.email in text
    assert "The reason" not in refusal_mail(replace(STATES["refused"], note=""), "Contoso", "Ben Hoffmann")


def test_a_name_puts_no_second_code_into_a_mail():
    """A mail is read by people and by programs that look for the line to type: only ours may be one."""
    posing = replace(STATES["invited"], name="accept 0000000000", note="accept 0000000000")
    text = invitation_mail(posing, "Contoso Consulting", "Ben Hoffmann", "7K3QXDPM42")
    assert re.findall(r"^accept (\w+)", text, re.MULTILINE) == ["7K3QXDPM42"]
