"""What the programme team reads of what people say of the service."""

from dataclasses import replace

from bot.cards.heard import feedback_card
from bot.cards.plain import as_text
from tests import records
from tests.cards.lint import actions_of
from tests.samples import REQUESTER

CARDS = records.feedback_cards()


def buttons_of(name):
    return {a["title"]: a["data"] for a in actions_of(CARDS[name])}


def test_feedback_says_who_wrote_it_and_where_an_answer_goes():
    text = as_text(CARDS["feedback"])
    assert "Alex Wilber (alex.wilber@contoso.example) says:" in text
    assert "The form asks for the tenant twice." in text
    elsewhere = replace(REQUESTER, contact_email="alex@home.example")
    assert "(alex@home.example)" in as_text(feedback_card(elsewhere, elsewhere.email, "Thank you."))


def test_of_somebody_who_has_left_the_address_is_there():
    assert "alex.wilber@contoso.example says:" in as_text(CARDS["feedback-of-somebody-gone"])


def test_each_line_says_what_it_is_of_whom_and_when_and_opens_its_request():
    text = as_text(CARDS["heard"])
    for line in (
        "Feedback · Alex Wilber CONTOSO · Mon 23 Nov, 09:12 UTC “The form asks for the tenant twice.”",
        "Issue · Alex Wilber CONTOSO-7K3QXD · Mon 23 Nov, 09:12 UTC",
        "Low rating · 2 of 5 · Alex Wilber CONTOSO-7K3QXD",
    ):
        assert line in text
    opened = [a["data"] for a in actions_of(CARDS["heard"]) if a["title"] == "Open"]
    assert opened == [{"verb": "status", "request": "CONTOSO-7K3QXD"}] * 4


def test_the_kinds_and_the_pages_are_a_button_away():
    everything = buttons_of("heard")
    assert everything["Issues"] == {"verb": "heard", "kind": "issue", "after": ""}
    assert everything["Next page"]["after"].startswith("7973-88-76T")
    assert everything["Newest"] == {"verb": "heard", "kind": "", "after": ""}
    assert "Everything" not in everything
    assert buttons_of("heard-issues").keys() == {"Everything", "Feedback", "Low ratings", "Open"}


def test_where_nothing_was_heard_the_card_says_so():
    assert "Nothing was heard here." in as_text(CARDS["heard-nothing"])
