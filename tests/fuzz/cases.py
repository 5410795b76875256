"""What becomes of an authentic activity on its way: changes to its JSON, to its bytes and to its headers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.fuzz.awkward import written
from tests.fuzz.mutations import Document, Mutation, Setting, changes


@dataclass(frozen=True)
class Garbling:
    """A change to the bytes, `at` so many thousandths of their length."""

    kind: str
    at: int
    value: bytes

    def apply(self, body: bytes) -> bytes:
        return GARBLINGS[self.kind](body, len(body) * self.at // 1000, self.value)


def _flipped(body: bytes, at: int, value: bytes) -> bytes:
    return (
        body[:at]
        + bytes(b ^ v for b, v in zip(body[at : at + len(value)], value, strict=False))
        + body[at + len(value) :]
    )


GARBLINGS: Mapping[str, Callable[[bytes, int, bytes], bytes]] = {
    "flip": _flipped,
    "cut": lambda body, at, _value: body[:at],
    "leave_out": lambda body, at, value: body[:at] + body[at + len(value) :],
    "insert": lambda body, at, value: body[:at] + value + body[at:],
    "twice": lambda body, _at, _value: body + body,
    "utf-16": lambda body, _at, _value: body.decode("utf-8", "replace").encode("utf-16"),
    "byte order mark": lambda body, _at, _value: b"\xef\xbb\xbf" + body,
    "same key again": lambda body, _at, _value: body[:1] + b'"type": 7, "from": null, ' + body[1:],
    "key given later": lambda body, _at, _value: body[:-1] + b', "type": "invoke", "conversation": {"id": "x"}}',
}

OTHER_HEADERS: list[dict[str, str]] = [
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "deflate"},
    {"Content-Encoding": "br"},
    {"Content-Encoding": "no-such"},
    {"Transfer-Encoding": "chunked"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "application/json; charset=no-such"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": "\xff/\xfe"},
    {"X-Forwarded-For": "x" * 7_000},
]


@dataclass(frozen=True)
class Case:
    """What is to become of one authentic activity."""

    base: int
    changes: list[Mutation | Setting]
    garbling: Garbling | None
    headers: dict[str, str]

    def body(self, activity: Document) -> bytes:
        """Change the activity, and return the bytes that are sent."""
        for change in self.changes:
            change.apply(activity)
        body = written(activity)
        return self.garbling.apply(body) if self.garbling else body


_garblings = st.builds(Garbling, st.sampled_from(list(GARBLINGS)), st.integers(0, 1000), st.binary(max_size=4))
# Most bodies are JSON: what is none is refused at once and tries nothing behind the gate.
_rarely = st.integers(0, 9).flatmap(lambda number: _garblings if number == 1 else st.none())
_headers = st.integers(0, 29).flatmap(lambda number: st.sampled_from(OTHER_HEADERS) if number == 1 else st.just({}))
_changes = st.lists(changes, min_size=1, max_size=2) | st.lists(changes, min_size=1, max_size=6)
cases = st.builds(Case, st.integers(0, 10_000), _changes, _rarely, _headers)
