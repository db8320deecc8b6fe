"""The instants before the lines of pods' logs, as texts that compare: RFC 3339 in UTC."""

import re
from datetime import UTC, datetime

_MARK = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def written(instant: datetime) -> str:
    """Write an instant."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable(mark: str) -> str:
    """
    Return an instant with nine digits behind the second, so that texts compare.

    Empty for what is none.
    """
    found = _MARK.fullmatch(mark)
    if found is None:
        return ""
    seconds, rest, zone = found[1], found[2] or "", found[3]
    if zone != "Z":
        at = datetime.fromisoformat(f"{seconds}{zone}").astimezone(UTC)
        seconds = at.isoformat().removesuffix("+00:00")
    return f"{seconds}.{rest:0<9}"


def instant(mark: str) -> datetime:
    """Return the instant of a sortable text, to the second below."""
    return datetime.fromisoformat(mark.partition(".")[0]).replace(tzinfo=UTC)


def parted(line: bytes) -> tuple[str, bytes]:
    """Return the sortable instant of a line of a log, empty for none, and its text."""
    mark, _, text = line.partition(b" ")
    return sortable(mark.decode("ascii", "replace")), text
