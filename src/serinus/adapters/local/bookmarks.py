"""
``told.json``: how far each place has been told, so that a restart tells nothing twice.

The file is small and written whole. One that is damaged counts as none: the places then begin with
what happens next.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from serinus.ports.failures import Unavailable

NAME = "told.json"


class Bookmarks:
    """Keep bookmarks in a home; see :class:`serinus.ports.notifier.Bookmarks` for the contract."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME

    def read(self) -> Mapping[str, int]:
        """Return how far each place has been told."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError, ValueError):
            return {}
        except OSError as exc:
            raise Unavailable(f"{self._path} cannot be read: {exc.strerror}") from exc

    def write(self, place: str, sequence: int) -> None:
        """Keep it for one place."""
        known = {**self.read(), place: sequence}
        draft = self._path.with_name(f"{NAME}.new")
        try:
            draft.write_bytes(msgspec.json.encode(known, order="sorted") + b"\n")
            draft.replace(self._path)
        except OSError as exc:
            raise Unavailable(f"{self._path} cannot be written: {exc.strerror}") from exc
