"""Rows beside a request by which it is found: by customer and workload, by topic, by the customer's name."""

from bot.domain.lifecycle import OPEN
from bot.domain.request import SmeRequest
from bot.domain.texts import folded
from state.keys import SEPARATOR, beginning, encode, inverted, key
from state.reading import NAMED
from state.records import SCHEMA
from state.table import Value

_NAME_LONGEST = 40


def index_keys(request: SmeRequest | None) -> frozenset[str]:
    """Return the keys of all rows by which a request is found; none before there is one."""
    if request is None:
        return frozenset()
    answers, number = request.answers, request.number
    topic = key("topic", answers["workload"], answers["topic"], inverted(request.submitted_at), number)
    if request.status in OPEN and not request.is_proactive:
        return frozenset({topic, named_key(request), key("open", answers["tenant_id"], answers["workload"], number)})
    return frozenset({topic, named_key(request)})


def index_row(number: str) -> dict[str, Value]:
    return {"schema": SCHEMA, "number": number}


def named_key(request: SmeRequest) -> str:
    """Return under what key a request is found by how its customer's name begins."""
    return key(NAMED, _name_part(request.customer), inverted(request.submitted_at), request.number)


def names_beginning(prefix: str) -> str:
    """Return how the keys begin of requests whose customer's name begins so."""
    return f"{NAMED}{SEPARATOR}{encode(_name_part(prefix))}"


def _name_part(name: str) -> str:
    return beginning(folded(name), _NAME_LONGEST)
