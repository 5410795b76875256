"""What a list is narrowed to: whatever is typed or forged becomes filters, and nothing else."""

from datetime import UTC, datetime

import pytest

from bot.domain.filters import TEXT_LONGEST, Filters, ListName, Wanted, wanted_in, wanted_typed
from bot.domain.lifecycle import Status
from bot.domain.ports import Place, Summary
from tests.domain.cast import MONDAY

ROW = Summary(
    "CONTOSO-7K3QXD", "Tailspin  Toys", "TEAMS", Status.DENIED, "CONTOSO", MONDAY, MONDAY, region="EMEA", revision=3
)
PLACE = Place(datetime(2026, 11, 23, 10, 0, 0, 7, UTC), "CONTOSO-7K3QXD")


@pytest.mark.parametrize(
    "filters",
    [
        {}, {"status": Status.DENIED}, {"partner": "CONTOSO"}, {"workload": "TEAMS"}, {"region": "EMEA"},
        {"text": "tail"}, {"text": "TAILSPIN toys"}, {"text": "7k3"}, {"text": "contoso-7k3qxd"}, {"text": "Contoso-7"},
        {"status": Status.DENIED, "partner": "CONTOSO", "workload": "TEAMS", "region": "EMEA", "text": "t"},
    ],
)  # fmt: skip
def test_a_line_fits(filters):
    assert Filters(**filters).fit(ROW)


@pytest.mark.parametrize(
    "filters",
    [
        {"status": Status.CLOSED}, {"partner": "FABRIKAM"}, {"workload": "YAMMER"}, {"region": "APJ"},
        {"text": "toys"}, {"text": "K3"}, {"text": "contoso"}, {"text": "contoso-"}, {"text": "ada@contoso.example"},
        {"text": "contoso-7k3qxd2"}, {"status": Status.DENIED, "text": "x"},
    ],
)  # fmt: skip
def test_a_line_does_not_fit(filters):
    assert not Filters(**filters).fit(ROW)


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("", Filters()),
        ("denied", Filters(Status.DENIED)),
        ("Denied closed", Filters(Status.CLOSED)),
        ("teams EMEA adv", Filters(workload="TEAMS", region="EMEA", text="adv")),
        ("contoso Adventure works", Filters(partner="CONTOSO", text="Adventure works")),
        ("fabrikam", Filters(text="fabrikam")),
        ("aip_p1 apj SUBMITTED", Filters(Status.SUBMITTED, workload="AIP_P1", region="APJ")),
        ("\u202eevil\u200b " + "x" * 99_999, Filters(text="evil " + "x" * (TEXT_LONGEST - 5))),
    ],
)
def test_typed_words_are_understood(typed, filters):
    assert wanted_typed(ListName.INBOX, typed.split(), {"CONTOSO"}) == Wanted(ListName.INBOX, filters)


@pytest.mark.parametrize("typed", ["FABRIKAM adv", "adv CONTOSOO"])
def test_a_code_that_is_none_for_the_person_is_left_out(typed):
    wanted = wanted_typed(ListName.INBOX, typed.split(), {"CONTOSO"})
    assert wanted == Wanted(ListName.INBOX, Filters(text="adv"), left_out=True)


@pytest.mark.parametrize("typed", ["7K3QXD", "CONTOSO-7K3", "Fabrikam", "ÜBER", "A", "ABCDEFGHIJKLM"])
def test_what_is_not_meant_as_a_code_is_text(typed):
    assert wanted_typed(ListName.INBOX, [typed], ()) == Wanted(ListName.INBOX, Filters(text=typed))


@pytest.mark.parametrize("name", ListName)
@pytest.mark.parametrize("after", [None, PLACE])
@pytest.mark.parametrize("filters", [Filters(), Filters(Status.DENIED, "CONTOSO", "TEAMS", "EMEA", "{{DATE(x)}}")])
def test_what_a_button_carries_is_read_back(name, after, filters):
    wanted = Wanted(name, filters, after)
    assert all(isinstance(text, str) for text in wanted.texts.values())
    assert wanted_in(wanted.texts) == wanted


@pytest.mark.parametrize("name", ["", "moon", "REQUESTS", "inbox "])
def test_an_unknown_list_is_none(name):
    assert wanted_in({"list": name}) is None
    assert wanted_in({}) is None


@pytest.mark.parametrize("key", ["status", "partner", "workload", "region"])
@pytest.mark.parametrize("value", ["any", "x", "' or 1 eq 1", "contoso", "💥", "A" * 10_000, "\x00", "__class__"])
def test_an_unknown_code_is_left_out(key, value):
    assert wanted_in({"list": "inbox", key: value}) == Wanted(ListName.INBOX)


@pytest.mark.parametrize(
    "after",
    [
        "x", "2026-11-23T10:00:00.000000Z", "2026-11-23T10:00:00.000000Z ", "2026-11-23T10:00:00.000000Z x",
        "2026-11-23T10:00:00.000000Z CONTOSO-7K3QXD x", "2026-11-23T10:00:00.000000+00:00 CONTOSO-7K3QXD",
        "2026-13-23T10:00:00.000000Z CONTOSO-7K3QXD", "0000-11-23T10:00:00.000000Z CONTOSO-7K3QXD",
        "2026-11-23T25:00:00.000000Z CONTOSO-7K3QXD", "2026-11-23 10:00:00.000000Z CONTOSO-7K3QXD",
        "\u0662026-11-23T10:00:00.000000Z CONTOSO-7K3QXD", "9" * 10_000, "2026-11-23T10:00:00.000000Z CONTOSO:7K3QXD",
    ],
)  # fmt: skip
def test_an_odd_place_is_the_beginning(after):
    assert wanted_in({"list": "inbox", "after": after}) == Wanted(ListName.INBOX)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_place_at_the_end_of_time_is_a_place(year):
    wanted = wanted_in({"list": "inbox", "after": f"{year}-01-01T00:00:00.000000Z contoso-7k3qxd"})
    assert wanted.after == Place(datetime(int(year), 1, 1, tzinfo=UTC), "CONTOSO-7K3QXD")
