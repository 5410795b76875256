"""One JSON object out of the bytes of a request, or the reason why not."""

import json
import math
from typing import Any, NoReturn

import aiohttp

LARGEST_BODY = 256 * 1024
DEEPEST_NESTING = 20
# Nineteen digits are what a 64-bit number needs; nothing behind the gate counts further.
_LONGEST_NUMBER = 19


class MalformedError(ValueError):
    """The request is not an activity; the text names the fault without quoting any content."""


async def read_at_most(content: aiohttp.StreamReader, most: int) -> bytes:
    """Return everything that is sent. Raises ValueError when that is more than `most` bytes."""
    read = bytearray()
    while part := await content.readany():
        read += part
        if len(read) > most:
            raise ValueError("the answer is too long")
    return bytes(read)


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`: finite numbers, no lone surrogates, at most 20 levels deep.

    Raises MalformedError.
    """
    data = _parse(body)
    if not isinstance(data, dict):
        raise MalformedError("the body is not a JSON object")
    _refuse_deep_nesting(data)
    if b"\\u" in body:
        _refuse_lone_surrogates(data)
    return data


def _parse(body: bytes) -> object:
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_whole_number,
            parse_float=_finite_number,
        )
    except MalformedError:
        raise
    except ValueError:
        raise MalformedError("the body is not JSON in UTF-8") from None
    except RecursionError:
        raise MalformedError("the body is nested too deeply") from None


def _refuse_constant(_: str) -> NoReturn:
    raise MalformedError("the body holds NaN or Infinity")


def _whole_number(digits: str) -> int:
    if len(digits.lstrip("-")) > _LONGEST_NUMBER:
        raise MalformedError("the body holds a number out of range")
    return int(digits)


def _finite_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedError("the body holds a number out of range")
    return number


def _refuse_deep_nesting(data: dict[str, Any]) -> None:
    level: list[dict[str, Any] | list[Any]] = [data]
    for _ in range(DEEPEST_NESTING):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise MalformedError("the body is nested too deeply")


def _refuse_lone_surrogates(data: dict[str, Any]) -> None:
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("the body holds half a character") from None
