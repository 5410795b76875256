"""A stored row that cannot be read, as somebody has damaged it."""

IN_THE_RUNBOOK = 'See "A row that cannot be read" in deployment/README.md.'


class UnreadableRow(Exception):  # noqa: N818 - named for what is true of the row
    """Says which row cannot be read and why, and nothing of what it says, nor whose address its keys hold."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place} cannot be read: {fault}")
