"""
Recordings: a release as it was counted, in a file that another machine can replay.

A recording is text, one JSON document a line (docs: reference/recordings)::

    {"format": "serinus.recording", "version": 1, "about": {…}, "steps": […]}
    {"history": [at, seconds, arms, bounds_ms, masked, wanted]}   before the release, oldest first
    {"tick": [at, seconds, arms, bounds_ms, masked, wanted]}      of the release
    {"end": {"history": 720, "ticks": 360, "sha256": "…"}}        of all lines before this one

What is read is trusted in nothing: each line is checked, and each problem is told with its line.
"""

import hashlib
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

import msgspec

from serinus.core.errors import Problem, SpecError
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.notice import Event
from serinus.core.state.release import Release

FORMAT = "serinus.recording"
VERSION = 1

MOST_PROBLEMS = 20
"""So many problems of one file are told; the rest is counted."""

LARGEST = 512 << 20
"""Bytes of one file."""


class Step(msgspec.Struct, frozen=True):
    """Something that happened in the release that was recorded (``at``: epoch seconds)."""

    at: float
    reason: str
    sentence: str


class About(msgspec.Struct, frozen=True):
    """
    What was recorded.

    ``delivery`` None: it was not released by Serinus. ``phase``: where the release was at the end
    of the recording, in words. ``since``: from when on (epoch seconds) the history is that of the
    version that was stable. ``source``: ``release`` or ``prometheus``.
    """

    application: str
    environment: str = "local"
    number: int = 1
    candidate: str = "candidate"
    stable: str = "stable"
    version: str = "candidate"
    stable_version: str = "stable"
    replicas: int = 1
    delivery: Delivery | None = None
    phase: str = ""
    sentence: str = ""
    since: float = 0.0
    source: str = "release"

    @property
    def name(self) -> str:
        """``application/environment#number``, as people and logs call it."""
        return f"{self.application}/{self.environment}#{self.number}"


class Recording(msgspec.Struct, frozen=True):
    """A release as it was counted: what stable did before, the release, and what happened."""

    about: About
    ticks: tuple[Tick, ...]
    history: tuple[Tick, ...] = ()
    steps: tuple[Step, ...] = ()


def of_release(
    release: Release,
    ticks: Sequence[Tick],
    history: Sequence[Tick],
    events: Sequence[Event],
    *,
    since: float = 0.0,
) -> Recording:
    """Make a recording of a release as it was stored; ``history``: from before it."""
    begun = release.created_at.timestamp()
    return Recording(
        about=About(
            application=release.application,
            environment=release.environment,
            number=release.number,
            candidate=release.candidate,
            stable=release.stable or "",
            version=release.version,
            stable_version=release.stable_version,
            replicas=release.replicas,
            delivery=release.delivery,
            phase=release.progress.phase.value,
            sentence=release.progress.sentence,
            since=since,
        ),
        ticks=tuple(ticks),
        history=tuple(tick for tick in history if tick.at <= begun),
        steps=tuple(Step(e.at.timestamp(), e.reason, e.sentence) for e in events),
    )


# --- to a file -----------------------------------------------------------------------------------


def lines(recording: Recording) -> Iterator[bytes]:
    """Write a recording, line by line."""
    digest = hashlib.sha256()
    head = {
        "format": FORMAT,
        "version": VERSION,
        "about": recording.about,
        "steps": recording.steps,
    }
    body = [
        head,
        *({"history": tick} for tick in recording.history),
        *({"tick": tick} for tick in recording.ticks),
    ]
    for part in body:
        line = msgspec.json.encode(part) + b"\n"
        digest.update(line)
        yield line
    end = {
        "history": len(recording.history),
        "ticks": len(recording.ticks),
        "sha256": digest.hexdigest(),
    }
    yield msgspec.json.encode({"end": end}) + b"\n"


def save(recording: Recording, path: Path) -> int:
    """Write a recording into a file that is not there yet; return its size in bytes."""
    try:
        with path.open("xb") as file:
            return sum(file.write(line) for line in lines(recording))
    except FileExistsError as exc:
        message = "it is there already, and is not written over; wanted a new name"
        raise SpecError((Problem(str(path), message),)) from exc
    except OSError as exc:
        raise SpecError((Problem(str(path), f"cannot be written: {exc.strerror}"),)) from exc


# --- from a file ---------------------------------------------------------------------------------


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    about: msgspec.Raw = msgspec.Raw(b"{}")
    steps: msgspec.Raw = msgspec.Raw(b"[]")


class _End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    history: int
    ticks: int
    sha256: str


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    history: Tick | None = None
    tick: Tick | None = None
    end: _End | None = None


def load(path: Path) -> Recording:
    """Read a recording. Raises SpecError with all that is wrong with it, each with its line."""
    try:
        if path.stat().st_size > LARGEST:
            message = f"it has more than {LARGEST >> 20} MiB; wanted a recording of one release"
            raise SpecError((Problem(str(path), message),))
        content = path.read_bytes()
    except OSError as exc:
        raise SpecError((Problem(str(path), f"cannot be read: {exc.strerror}"),)) from exc
    return read(content, str(path))


def read(content: bytes, place: str = "recording") -> Recording:
    """Read the content of a file; ``place`` is its name in what is said of it."""
    return _Reader(place).read(content)


class _Reader:
    """Reads line by line, and gathers what is wrong."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: list[Problem] = []
        self.found: dict[str, list[Tick]] = {"history": [], "tick": []}
        self.last: dict[str, float] = {}

    def wrong(self, line: int | None, message: str) -> None:
        self.problems.append(Problem("", message, line=line, file=self.place))

    def read(self, content: bytes) -> Recording:
        rows = content.split(b"\n")
        about, steps = self._head(rows[0])
        digest, end = hashlib.sha256(rows[0] + b"\n"), None
        for number, row in enumerate(rows[1:], start=2):
            if not row.strip():
                continue
            if end is not None:
                self.wrong(number, "there is something behind the end of the recording")
                break
            end = self._row(number, row)
            if end is None:
                digest.update(row + b"\n")
        self._ended(end, digest.hexdigest())
        if not self.found["tick"] and not self.problems:
            self.wrong(None, 'it holds no tick of a release; wanted one line {"tick": …} or more')
        if self.problems:
            raise SpecError(self._told())
        return Recording(about, tuple(self.found["tick"]), tuple(self.found["history"]), steps)

    def _told(self) -> tuple[Problem, ...]:
        more = len(self.problems) - MOST_PROBLEMS
        told = self.problems[:MOST_PROBLEMS]
        if more > 0:
            told.append(Problem("", f"and {more:,} more problems", file=self.place))
        return tuple(told)

    def _head(self, row: bytes) -> tuple[About, tuple[Step, ...]]:
        """Read the first line; what is no recording of ours ends here."""
        wanted = f'wanted {{"format": "{FORMAT}", "version": {VERSION}, …}} as its first line'
        try:
            head = msgspec.json.decode(row, type=_Head)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            self.wrong(1, f"it is no recording of Serinus; {wanted}")
            raise SpecError(self.problems) from exc
        if head.format != FORMAT:
            self.wrong(1, f"its format is {head.format[:60]!r}; {wanted}")
        elif head.version != VERSION:
            message = f"it is a recording of version {head.version}; this Serinus reads {VERSION}"
            self.wrong(1, message)
        if self.problems:
            raise SpecError(self.problems)
        try:
            about = msgspec.json.decode(head.about, type=About)
            steps = msgspec.json.decode(head.steps, type=tuple[Step, ...])
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as exc:
            self.wrong(1, f"what it says of the release cannot be read: {exc}")
            raise SpecError(self.problems) from exc
        return about, steps

    def _row(self, number: int, row: bytes) -> _End | None:
        try:
            line = msgspec.json.decode(row, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            self.wrong(number, f"it cannot be read: {exc}")
            return None
        given = [kind for kind in ("history", "tick", "end") if getattr(line, kind) is not None]
        if len(given) != 1:
            self.wrong(number, "wanted exactly one of history, tick and end")
            return None
        if line.end is not None:
            return line.end
        kind, tick = given[0], line.history or line.tick
        if kind == "history" and self.found["tick"]:
            self.wrong(number, "history stands behind the ticks; wanted it before them")
        if tick is not None:
            for message in flaws(tick, self.last.get(kind)):
                self.wrong(number, message)
            self.last[kind] = max(tick.at, self.last.get(kind, tick.at))
            self.found[kind].append(tick)
        return None

    def _ended(self, end: _End | None, digest: str) -> None:
        if end is None:
            if not self.problems:
                self.wrong(None, "it has no end: the file was cut off, or is still being written")
            return
        counted = (len(self.found["history"]), len(self.found["tick"]))
        if (end.history, end.ticks) != counted and not self.problems:
            said = f"{end.history:,} and {end.ticks:,}"
            found = f"{counted[0]:,} and {counted[1]:,}"
            self.wrong(
                None, f"it holds {found} ticks before and in the release; its end says {said}"
            )
        elif end.sha256 != digest and not self.problems:
            self.wrong(None, "its content was changed: the sum at its end is of something else")


def flaws(tick: Tick, before: float | None) -> Iterator[str]:
    """Say what is wrong with a tick; ``before``: the end of the one before it."""
    if not (isfinite(tick.at) and tick.at > 0):
        yield f"its time is {tick.at}; wanted seconds since 1970"
    if not (isfinite(tick.seconds) and tick.seconds > 0):
        yield f"it is {tick.seconds} seconds long; wanted more than 0"
    if before is not None and tick.at <= before:
        what = "has the time of the one before" if tick.at == before else "is out of order"
        yield f"the tick {what} ({tick.at:.3f} after {before:.3f}); wanted times that rise"
    if list(tick.bounds_ms) != sorted(set(tick.bounds_ms)):
        yield f"its bounds do not rise: {list(tick.bounds_ms)}"
    if tick.wanted is not None and not 0 <= tick.wanted <= FULL:
        yield f"its share is {tick.wanted}; wanted 0 to {FULL} (per mille)"
    for name, arm in tick.arms.items():
        yield from _arm(name, arm, len(tick.bounds_ms))


def _arm(name: str, arm: Arm, bounds: int) -> Iterator[str]:
    for replica, (requests, errors) in arm.replicas.items():
        if requests < 0 or errors < 0:
            yield f"{name} {replica}: counts below 0 ({requests}, {errors})"
        elif errors > requests:
            yield f"{name} {replica}: {errors} errors in {requests} requests"
    if arm.slower and len(arm.slower) != bounds:
        yield f"{name}: {len(arm.slower)} counts of slow requests for {bounds} bounds"
    elif list(arm.slower) != sorted(arm.slower, reverse=True) or any(n < 0 for n in arm.slower):
        yield f"{name}: its counts of slow requests do not fall: {list(arm.slower)}"
    elif arm.slower and arm.slower[0] > arm.timed:
        yield f"{name}: {arm.slower[0]} slow requests of {arm.timed}"


# --- what it amounts to --------------------------------------------------------------------------


class Amount(msgspec.Struct, frozen=True):
    """What a recording amounts to: the candidate's requests and bad ones, when, beside whom."""

    requests: int
    bad: int
    stable_requests: int
    first_at: float
    last_at: float
    replicas: int


def amount(recording: Recording) -> Amount | None:
    """Return what the candidate did in all, None when it had no request."""
    mine = [t for t in recording.ticks if CANDIDATE in t.arms and t.arms[CANDIDATE].requests]
    if not mine:
        return None
    stable = [t.arms[STABLE] for t in recording.ticks if STABLE in t.arms]
    return Amount(
        requests=sum(t.arms[CANDIDATE].requests for t in mine),
        bad=sum(t.arms[CANDIDATE].errors for t in mine),
        stable_requests=sum(arm.requests for arm in stable),
        first_at=mine[0].at - mine[0].seconds,
        last_at=mine[-1].at,
        replicas=max((len(arm.replicas) for arm in stable), default=1) or 1,
    )
