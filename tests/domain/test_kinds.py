"""What each kind of answer takes, how it is stored, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Mistake
from bot.domain.kinds import Choice, Email, Guid, Text, WholeNumber

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
SEATS = WholeNumber(1, 10_000_000)
NAME = Text(120)
REASON = Text(2000, 20, multiline=True)
COLOURS = {"FTP Partner": "One", "pt-BR": "Two", "AADP_P1": "Three"}


def taken(kind, raw, options=None):
    """Return the stored form, which must itself be taken as it is."""
    stored = kind.parse(raw, options or {})
    assert kind.parse(stored, options or {}) == stored
    return stored


def refused(kind, raw, options=None):
    with pytest.raises(Mistake) as mistake:
        kind.parse(raw, options or {})
    assert mistake.value.sentence[0].isupper()
    assert mistake.value.sentence.endswith(".")


@pytest.mark.parametrize(
    "raw",
    [
        TENANT,
        TENANT.upper(),
        TENANT.replace("-", ""),
        f"{{{TENANT}}}",
        f"({TENANT.upper()})",
        f"{{ {TENANT} }}",
        f"urn:uuid:{TENANT}",
        f"URN:UUID:{TENANT.upper()}",
        f" \u00a0{TENANT}\n",
        f"\u200b{TENANT}\ufeff",
    ],
)
def test_a_tenant_id_is_understood_in_every_usual_spelling(raw):
    assert taken(Guid(), raw) == TENANT


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "{}",
        "contoso.example",
        TENANT[:-1],
        TENANT + "0",
        TENANT.replace("7", "g"),
        f"{{{TENANT}",
        f"{{{TENANT})",
        TENANT.replace("-", "", 1),
        TENANT.replace("-", " "),
        f"{TENANT} {TENANT}",
        "00000000-0000-0000-0000-000000000000",
        "72f988bf86f141af91ab2d7cd011db4\uff17",
    ],
)
def test_what_is_no_tenant_id_is_refused(raw):
    refused(Guid(), raw)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("1", "1"),
        ("150", "150"),
        ("5000", "5000"),
        ("5,000", "5000"),
        ("5 000", "5000"),
        ("5.000", "5000"),
        ("5'000", "5000"),
        ("5\u2019000", "5000"),
        ("5\u00a0000", "5000"),
        ("5\u202f000", "5000"),
        ("5\u2009000", "5000"),
        ("\uff15\uff0c\uff10\uff10\uff10", "5000"),
        ("\uff15\uff10\uff10\uff10", "5000"),
        ("\u0665\u0660\u0660\u0660", "5000"),
        (" 42\n", "42"),
        ("007", "7"),
        ("10,000,000", "10000000"),
        ("10 000 000", "10000000"),
        ("10000000", "10000000"),
    ],
)
def test_a_number_is_understood_as_people_write_it(raw, stored):
    assert taken(SEATS, raw) == stored


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "0",
        "0,000",
        "-5",
        "\u22125",
        "+5",
        "1e3",
        "5k",
        "12.5",
        "1,5",
        "5,00",
        "5,0000",
        "1,234.567",
        "1.234,567",
        "5 000,000",
        ",500",
        "10,000,001",
        "10000001",
        "9" * 5_000,
        "five",
        "0x10",
        "1_000",
        "½",
        "10²",
        "about 500",
        "500 - 600",
        "NaN",
        "∞",
    ],
)
def test_what_is_no_number_of_seats_is_refused(raw):
    refused(SEATS, raw)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("Dana.Reyes@Contoso.Example", "dana.reyes@contoso.example"),
        (" a+b@c.de ", "a+b@c.de"),
        ("o'brien@sub.domain.co.uk", "o'brien@sub.domain.co.uk"),
        ("x_y%z-1@a-b.example", "x_y%z-1@a-b.example"),
        ("\u200edana@contoso.example\u200f", "dana@contoso.example"),
        (f"{'a' * 64}@{'b' * 60}.example", f"{'a' * 64}@{'b' * 60}.example"),
    ],
)
def test_an_email_is_stored_in_lower_case(raw, stored):
    assert taken(Email(), raw) == stored


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "dana",
        "dana@",
        "@contoso.example",
        "dana@contoso",
        "dana@contoso.example, carl@contoso.example",
        "dana@contoso.example;carl@contoso.example",
        "Dana <dana@contoso.example>",
        "mailto:dana@contoso.example",
        "da na@contoso.example",
        "dana@con toso.example",
        "dana@@contoso.example",
        "dana@contoso..example",
        "da..na@contoso.example",
        "dana@-contoso.example",
        "dana@contoso-.example",
        "dana@contoso.e",
        "dana@contoso.example.",
        "dana@contoso.123",
        f"{'a' * 250}@c.de",
        "[dana@contoso.example](https://elsewhere.example)",
        "dana@contoso.example\nBcc: all@contoso.example",
    ],
)
def test_what_is_not_one_email_is_refused(raw):
    refused(Email(), raw)


@pytest.mark.parametrize(
    ("raw", "code"), [("FTP Partner", "FTP Partner"), (" ftp  partner ", "FTP Partner"), ("PT-br", "pt-BR")]
)
def test_a_choice_is_one_of_the_codes_in_any_case(raw, code):
    assert taken(Choice(), raw, COLOURS) == code


@pytest.mark.parametrize("raw", ["", "Four", "One", "FTP Partner,pt-BR", "AADP P1"])
def test_another_choice_is_refused(raw):
    refused(Choice(), raw, COLOURS)


def test_a_choice_of_nothing_is_refused():
    refused(Choice(), "AADP_P1", {})


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
HARD_TEXT = st.text(
    st.sampled_from("ae\u0301\u0308\u200b\u200d\u202e\u00ad \t\r\n\u0085\u1100\u1161\u11a8가字"), max_size=12
)


@given(raw=st.one_of(ANY_TEXT, HARD_TEXT))
@pytest.mark.parametrize("kind", [NAME, REASON, Guid(), SEATS, Email(), Choice()], ids=lambda k: type(k).__name__)
def test_any_text_is_taken_in_a_form_that_is_taken_again_or_is_a_mistake(kind, raw):
    try:
        stored = kind.parse(raw, COLOURS)
    except Mistake:
        return
    assert kind.parse(stored, COLOURS) == stored


@given(number=st.integers(1, 10_000_000))
def test_every_number_in_the_range_is_taken_plain_and_grouped(number):
    for separator in ",. \u00a0'":
        assert taken(SEATS, f"{number:,}".replace(",", separator)) == str(number)
    assert taken(SEATS, str(number)) == str(number)


@given(st.uuids().filter(lambda u: u.int))
def test_every_guid_is_taken_in_every_spelling(uuid):
    for spelling in (str(uuid), uuid.hex, uuid.urn, f"{{{str(uuid).upper()}}}"):
        assert taken(Guid(), spelling) == str(uuid)
