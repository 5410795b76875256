"""One row of the authentication matrix: a request, what this bot answers, and what the stock adapter does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """`ours` and `stock` are HTTP statuses; a 500 of the stock is a refusal that it did not mean to give.

    Where `because` is empty, the stock is right about whom to let in and this bot decides the same. Elsewhere it
    says why this bot decides otherwise. `how` names what is changed on the way from a good request.
    """

    name: str
    ours: int
    stock: int
    how: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""

    @property
    def ours_admits(self) -> bool:
        return self.ours < 300

    @property
    def stock_admits(self) -> bool:
        return self.stock < 300
