"""Refusals: normal answers, worded for the person who asked."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Something that may not or cannot be done; its message is shown to the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Mistake(Refusal):
    """An answer to one field that cannot be taken; its message is shown beside the field."""


class Stale(Refusal):
    """A press on a card that time has overtaken; says what happened, by whom and when."""
