"""Request numbers and operation keys: the same thing always has the same one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.numbers import operation, parse_number, partner_of, request_number

NUMBER = re.compile(r"[A-Z0-9]{2,12}-[0-9A-HJKMNP-TV-Z]{6}")
CODES = st.from_regex(r"\A[A-Z0-9]{2,12}\Z")


@given(partner=CODES, token=st.text(max_size=40), attempt=st.integers(0, 9))
def test_a_token_gives_a_number_that_can_be_typed_and_read_back(partner, token, attempt):
    number = request_number(partner, token, attempt)
    assert NUMBER.fullmatch(number)
    assert number == request_number(partner, token, attempt)
    assert parse_number(f"  {number.lower()}\n") == number
    assert partner_of(number) == partner_of(f"{number}.2") == partner


def test_another_token_attempt_or_partner_gives_another_number():
    numbers = {request_number("CONTOSO", f"{n:032x}", attempt) for n in range(500) for attempt in range(2)}
    assert len(numbers) == 1_000
    assert request_number("FABRIKAM", "0" * 32) != request_number("CONTOSO", "0" * 32)


def test_numbers_use_the_whole_alphabet_without_the_letters_that_are_misread():
    signs = {sign for n in range(2_000) for sign in request_number("A1", str(n)).partition("-")[2]}
    assert signs == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CONTOSO",
        "CONTOSO-",
        "CONTOSO-7K3QX",
        "CONTOSO-7K3QXDD",
        "CONTOSO-7K3QXI",
        "CONTOSO-7K3QXL",
        "CONTOSO-7K3QXO",
        "CONTOSO-7K3QXU",
        "C-7K3QXD",
        "TOOLONGACODE1-7K3QXD",
        "CON TOSO-7K3QXD",
        "CONTOSO-7K3QXD.1",
        "CONTOSO\u20137K3QXD",
        "../CONTOSO-7K3QXD",
        "CONTOSO-7K3QXD\nX",
    ],
)
def test_what_cannot_be_a_number_is_none(text):
    assert parse_number(text) is None


def test_an_operation_is_the_same_only_when_every_part_is():
    assert operation("a@b.co", "approve", "A1-000000", 3) == operation("a@b.co", "approve", "A1-000000", 3)
    keys = {operation(*parts) for parts in (("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"), ("a", 1), ("a", 11))}
    assert len(keys) == 6
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
