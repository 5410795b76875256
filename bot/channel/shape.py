"""Whether a JSON object has the types that the SDK and the bot read from an activity."""

from collections.abc import Mapping
from typing import Any

from botbuilder.schema import Activity
from botbuilder.schema.teams import TeamsChannelAccount, TeamsChannelData

from bot.channel.activities import fields_of, model_named, read_time
from bot.channel.body import MalformedError

# Far above every id that Teams hands out; keeps each one usable as a storage key and in a path.
LONGEST_ID = 512
PRESS = "adaptiveCard/action"
# Far above what Teams puts into one activity.
_MOST_ITEMS = 500
# Between slashes these stand for something else than themselves, also when they are escaped.
_NO_PART_OF_A_PATH = frozenset({".", ".."})
_ADDRESSED = ("from", "recipient", "conversation")
_NEEDED = ("type", "serviceUrl")
_PLAIN_TYPES: dict[str, type] = {"str": str, "bool": bool, "int": int}


def check_shape(data: Mapping[str, Any]) -> None:
    """Raise MalformedError unless every known field has its type and the sender, bot and conversation are named.

    Fields nobody here knows are welcome, whatever they hold.
    """
    _check_model(Activity, data, "activity")
    for name in _NEEDED:
        if not data.get(name):
            raise MalformedError(f"{name} is missing")
    for name in _ADDRESSED:
        _check_id(data.get(name) or {}, "id", name, needed=True)
        _check_id(data[name], "aadObjectId", name)
    for name in ("id", "replyToId"):
        _check_id(data, name, "activity")
    _check_free_fields(data)
    _check_members(data)
    for entity in data.get("entities") or ():
        _check_entity(entity)
    if data["type"] == "invoke" and data.get("name") == PRESS:
        _check_press(data.get("value") or {})


def tenant_of(data: Mapping[str, Any]) -> str:
    """Return the sender's tenant from a checked activity. Raises MalformedError where it names none."""
    tenant: str | None = ((data.get("channelData") or {}).get("tenant") or {}).get("id") or data["conversation"].get(
        "tenantId"
    )
    if not tenant:
        raise MalformedError("the tenant is missing")
    return tenant


def _check_free_fields(data: Mapping[str, Any]) -> None:
    """Check what the SDK's table calls an object or does not know, and which the bot reads all the same."""
    for name in ("value", "channelData"):
        if not isinstance(data.get(name), dict | None):
            raise MalformedError(f"{name} is not an object")
    channel_data = data.get("channelData") or {}
    _check_model(TeamsChannelData, channel_data, "channelData")
    _check_id(channel_data.get("tenant") or {}, "id", "channelData.tenant")
    _check("str", data["conversation"].get("tenantId"), "conversation.tenantId")
    _check_id(data["conversation"], "tenantId", "conversation")


def _check_members(data: Mapping[str, Any]) -> None:
    for name in ("membersAdded", "membersRemoved"):
        for member in data.get(name) or ():
            _check_model(TeamsChannelAccount, member, name)
            _check_id(member, "id", name, needed=True)


def _check_entity(entity: Mapping[str, Any]) -> None:
    kind = entity.get("type")
    if not kind:
        raise MalformedError("entities holds one without a type")
    if kind.lower() != "mention":
        return
    mentioned = entity.get("mentioned")
    if not isinstance(mentioned, dict):
        raise MalformedError("a mention names nobody")
    _check_id(mentioned, "id", "mentioned", needed=True)
    _check("str", mentioned.get("id"), "mentioned.id")
    _check("str", mentioned.get("name"), "mentioned.name")
    _check("str", entity.get("text"), "mention.text")
    if not (entity.get("text") or mentioned.get("name")):
        raise MalformedError("a mention names nobody")


def _check_press(value: Mapping[str, Any]) -> None:
    action = value.get("action")
    if not isinstance(action, dict):
        raise MalformedError("value.action is not an object")
    _check("str", action.get("type"), "action.type")
    _check("str", action.get("verb"), "action.verb")
    if not isinstance(action.get("data"), dict | None):
        raise MalformedError("action.data is not an object")


def _check_id(owner: Mapping[str, Any], key: str, where: str, *, needed: bool = False) -> None:
    value = owner.get(key)
    if needed and not value:
        raise MalformedError(f"{where}.{key} is missing")
    if isinstance(value, str) and len(value) > LONGEST_ID:
        raise MalformedError(f"{where}.{key} is too long")
    if value in _NO_PART_OF_A_PATH:
        raise MalformedError(f"{where}.{key} is no id")


def _check_model(model: type | None, data: Mapping[str, Any], where: str) -> None:
    for field in fields_of(model):
        value = data.get(field.key)
        if value is not None:
            _check(field.kind, value, f"{where}.{field.key}")


def _check(kind: str, value: Any, where: str) -> None:  # noqa: ANN401 - any JSON value
    if value is None or kind == "object":
        return
    if kind == "iso-8601":
        _check_time(value, where)
    elif kind in _PLAIN_TYPES:
        # In Python a bool is an int; in JSON it is not.
        if not isinstance(value, _PLAIN_TYPES[kind]) or (kind == "int" and isinstance(value, bool)):
            raise MalformedError(f"{where} is not of type {kind}")
    elif kind[0] in "[{":
        _check_items(kind, value, where)
    elif not isinstance(value, dict):
        raise MalformedError(f"{where} is not an object")
    else:
        _check_model(model_named(kind), value, where)


def _check_items(kind: str, value: Any, where: str) -> None:  # noqa: ANN401 - any JSON value
    if not isinstance(value, list if kind[0] == "[" else dict):
        raise MalformedError(f"{where} is not a {'list' if kind[0] == '[' else 'mapping'}")
    if len(value) > _MOST_ITEMS:
        raise MalformedError(f"{where} holds too many")
    for item in value.values() if isinstance(value, dict) else value:
        if item is None:
            raise MalformedError(f"{where} holds a null")
        _check(kind[1:-1], item, where)


def _check_time(value: Any, where: str) -> None:  # noqa: ANN401 - any JSON value
    try:
        read_time(value)
    except (TypeError, ValueError, OverflowError):
        raise MalformedError(f"{where} is not a time") from None
