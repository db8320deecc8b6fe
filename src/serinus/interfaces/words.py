"""Times, shares and counts as commands and pages write them."""

from datetime import datetime

from serinus.core.spec import prose, resources

HTTP = 80
"""A port that need not be written in an address."""

DAY = 24 * prose.HOUR

count = prose.several

FEW, MANY = 10, 1000


def share(fraction: float) -> str:
    """Write a share of the traffic: ``25 %``, ``0.5 %``."""
    return f"{round(fraction * 100, 1):g} %"


def rate(fraction: float | None) -> str:
    """Write a rate of bad requests, a dash when nothing was counted."""
    return "–" if fraction is None else f"{fraction * 100:.2f} %"


def seconds(length: float) -> str:
    """Write a length of time, from a day on in days: ``8s``, ``4m10s``, ``2h05m``, ``3d``."""
    return prose.seconds(length) if round(length) < DAY else f"{round(length) // DAY}d"


def ago(then: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    passed = (now - then).total_seconds()
    return "now" if passed < 1 else f"{seconds(passed)} ago"


def ahead(then: datetime, now: datetime) -> str:
    """Write when something will be, with the day unless that is today, and how long that is."""
    left = (then - now).total_seconds()
    today = then.astimezone().date() == now.astimezone().date()
    at = clock(then) if today else day(then)
    return f"{at} (in {seconds(left)})" if left > 0 else f"{at} (any moment)"


def clock(at: datetime) -> str:
    """Write the local time of day."""
    return f"{at.astimezone():%H:%M:%S}"


def day(at: datetime) -> str:
    """Write the local date and time of day."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def odds(evidence: float) -> str:
    """Write evidence as odds; beyond a thousand nobody counts."""
    if evidence > MANY:
        return f"over {MANY:,}:1"
    return f"{evidence:,.0f}:1" if evidence >= FEW else f"{evidence:.1f}:1"


def memory(used: int, limit: int | None) -> str:
    """Write memory and its limit: ``120 of 256 MiB``, ``900 KiB of 1 GiB``, ``120 MiB``."""
    shown = resources.size(used)
    if limit is None:
        return shown
    most = resources.size(limit)
    number, _, unit = shown.partition(" ")
    return f"{number if most.endswith(unit) else shown} of {most}"


def cpu(used: float, limit: float | None) -> str:
    """Write CPUs and their limit: ``0.31 of 1 CPU``, ``0.31 CPU``."""
    return f"{used:.2f} CPU" if limit is None else f"{used:.2f} of {limit:g} CPU"


def files(used: int, limit: int | None) -> str:
    """Write open files and their limit: ``20 of 1,024 files``."""
    return f"{used:,} files" if limit is None else f"{used:,} of {limit:,} files"


def troubled(state: str, note: str) -> bool:
    """Tell whether the note of a replica is of a trouble: how soon it was ready is a fact."""
    return bool(note) and state != "ready" and not note.startswith("ready after")
