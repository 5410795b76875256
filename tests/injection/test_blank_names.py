"""A text that shows nothing is not taken: a request would bear no customer's name, and a person none."""

import pytest

from bot.domain.directory_cells import a_name
from bot.domain.errors import Mistake
from bot.domain.fields import BY_KEY
from tests.injection.corpora import BLANK


@pytest.mark.parametrize("text", BLANK)
def test_a_customer_has_a_name_that_can_be_seen(text):
    with pytest.raises(Mistake):
        BY_KEY["tenant_name"].kind.parse(text, {})


@pytest.mark.parametrize("text", BLANK)
def test_a_person_and_a_partner_have_names_that_can_be_seen(text):
    with pytest.raises(Mistake):
        a_name(text)


@pytest.mark.parametrize("text", BLANK)
def test_a_reason_is_not_made_long_enough_by_what_nobody_sees(text):
    with pytest.raises(Mistake):
        BY_KEY["justification"].kind.parse(f"Too short.{text * 2_000}"[:1_900], {})
