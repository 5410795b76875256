"""JSON activities to and from the SDK's Activity, driven by the SDK's own attribute tables."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache, partial
from typing import Any, NamedTuple

from botbuilder import schema
from botbuilder.schema import teams


class Field(NamedTuple):
    """One attribute of an SDK model: its Python name, its JSON key and the SDK's word for its type."""

    attribute: str
    key: str
    kind: str


class Finished(dict[str, Any]):
    """A JSON object that is written as it stands: a card, which is by far the largest part of what is sent."""


@cache
def fields_of(model: Any) -> tuple[Field, ...]:  # noqa: ANN401 - SDK models are untyped
    # The table is what the SDK's generated code publishes; its serializers read it the same way.
    table = model._attribute_map  # noqa: SLF001
    return tuple(Field(attribute, entry["key"], entry["type"]) for attribute, entry in table.items())


def model_named(kind: str) -> type | None:
    """Return the SDK model with that name, None for a plain JSON type."""
    found = getattr(schema, kind, None) or getattr(teams, kind, None)
    return found if isinstance(found, type) else None


def read_time(text: str) -> datetime:
    """Read an ISO 8601 time, UTC where it names no zone. Raises ValueError or OverflowError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment.astimezone(UTC)  # A time that leaves the calendar in UTC is refused here and nowhere later.
    return moment


def decode(data: Mapping[str, Any]) -> schema.Activity:
    """Build the Activity from JSON that has passed the gate; unknown fields stay in `additional_properties`.

    Teams writes `conversation.tenantId`, the SDK knows only `tenantID`: it is an unknown field as well.
    """
    return _build(schema.Activity, data)


def encode(activity: schema.Activity) -> dict[str, Any]:
    """Return the activity as JSON values, unknown fields included and empty ones left out."""
    return _plain_model(activity)


_Reader = Callable[[Any], Any]


@cache
def _readers(model: Any) -> dict[str, tuple[str, _Reader | None]]:  # noqa: ANN401 - SDK models are untyped
    return {field.key: (field.attribute, _reader(field.kind)) for field in fields_of(model)}


def _reader(kind: str) -> _Reader | None:
    if kind == "iso-8601":
        return read_time
    if kind[0] in "[{":
        inner = _reader(kind[1:-1])
        return inner and partial(_read_list if kind[0] == "[" else _read_mapping, inner)
    model = model_named(kind)
    return model and partial(_build, model)


def _read_list(inner: _Reader, items: list[Any]) -> list[Any]:
    return [inner(item) for item in items]


def _read_mapping(inner: _Reader, items: Mapping[str, Any]) -> dict[str, Any]:
    return {key: inner(item) for key, item in items.items()}


def _build(model: Any, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - SDK models are untyped
    built = model()
    readers = _readers(model)
    for key, value in data.items():
        known = readers.get(key)
        if known is None:
            built.additional_properties[key] = value
        else:
            attribute, read = known
            setattr(built, attribute, value if read is None or value is None else read(value))
    return built


def _plain_model(model: Any) -> dict[str, Any]:  # noqa: ANN401 - SDK models are untyped
    plain = dict(_plain_fields(model))
    for key, value in (model.additional_properties or {}).items():
        plain.setdefault(key, _plain(value))
    return plain


def _plain_fields(model: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - SDK models are untyped
    model_type: Any = type(model)
    for field in fields_of(model_type):
        value = getattr(model, field.attribute, None)
        if value is not None:
            yield field.key, _plain(value)


_WRITTEN_AS_THEY_STAND = frozenset({str, bool, int, float, Finished})


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if value is None or type(value) in _WRITTEN_AS_THEY_STAND:
        return value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _written_time(value)
    return _plain_model(value) if hasattr(value, "additional_properties") else value


def _written_time(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
