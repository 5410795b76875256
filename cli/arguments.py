"""What an argument may be, and how a wrong one is refused: in one line."""

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from bot.domain.errors import Mistake
from bot.domain.kinds import Email, WholeNumber

SOMETHING_TO_MEND = 1
WRONG_USE = 2

AddParser = Callable[..., argparse.ArgumentParser]
"""`add_parser` of the sub-commands."""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(WRONG_USE)


def email_address(text: str) -> str:
    try:
        return Email().parse(text, {})
    except Mistake as mistake:
        raise argparse.ArgumentTypeError(mistake.sentence) from mistake


def count_up_to(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        try:
            return int(WholeNumber(1, most).parse(text, {}))
        except Mistake as mistake:
            raise argparse.ArgumentTypeError(mistake.sentence) from mistake

    return count


def one_of(what: str, is_known: Callable[[str], bool]) -> Callable[[str], str]:
    def known(text: str) -> str:
        # The parser puts defaults through this too.
        if text and not is_known(text):
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}")
        return text

    return known
