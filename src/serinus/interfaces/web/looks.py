"""
How a person wants the pages: theme, density, and keys. Kept in cookies, as nothing else needs it.

The server knows them before it writes the page, so that no page flashes white at night.
"""

from collections.abc import Mapping

import msgspec

CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("roomy", "dense"),
    "keys": ("on", "off"),
}
"""What can be chosen; the first of each is what nobody has to choose."""

YEAR_S = 365 * 86_400


class Looks(msgspec.Struct, frozen=True):
    """What one person chose; ``keys``: whether single letters are shortcuts."""

    theme: str = "system"
    density: str = "roomy"
    keys: str = "on"


def read(cookies: Mapping[str, str]) -> Looks:
    """Read what was chosen; what is no choice counts as none."""
    return Looks(**{name: cookies[name] for name in CHOICES if _known(name, cookies.get(name, ""))})


def chosen(fields: Mapping[str, object]) -> dict[str, str]:
    """Return the choices among the fields of a form."""
    return {name: str(fields[name]) for name in CHOICES if _known(name, str(fields.get(name, "")))}


def _known(name: str, value: str) -> bool:
    return value in CHOICES[name]
