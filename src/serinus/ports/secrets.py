"""Where secrets come from: they have names, and only their names are written into specs."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that was found. Writing it down shows its name alone."""

    name: str
    text: str = field(repr=False)


class Secrets(Protocol):
    """
    Find secrets by name.

    They are looked up each time, so that one that is changed counts from the next time on.
    ``Rejected`` when there is none of that name, or when it cannot be used: the failure says how to
    give it. No message holds any part of a value.
    """

    def get(self, name: str) -> Secret:
        """Return the secret of that name."""
        ...
