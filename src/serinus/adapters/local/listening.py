"""
Listening to replicas: how many lines of each match, and what kinds of them there are.

::

    <replica>.log ─┬─► lines, by replica and check ──► ReplicaCounters.lines
                   └─► kinds, by revision and check ─► RevisionCounters.kinds

What was heard is written down after each look (``run/lines/<app>~<environment>``), so that a
controller that comes back counts on from there, the lines of the time in between included.
"""

import contextlib
import itertools
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from serinus.adapters.local import lines
from serinus.adapters.local.places import Places, folder, write
from serinus.adapters.logs import kinds, matches
from serinus.core.state.counts import RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports import failures

MOST = 1024 * 1024
"""Bytes that are read of one replica at once."""

MOST_OF_ALL = 16 * 1024 * 1024
"""Bytes that are read of one application at once."""

HISTORY = 256 * 1024
"""Bytes at the end of an older log that are read for their kinds."""

COUNTED = 10_000
"""
Matching lines of one replica and check that are counted at once.

Whoever writes more in a second is judged by so many: lines take their time, the counters of all
other applications come with the same look, and must not wait for it.
"""

TOLD_APART = 500
"""Lines of one replica and check whose kind is looked at, at once; the rest is counted only."""

KEPT = 4
"""Versions whose kinds are kept, also when none of their replicas is left."""

FORGOTTEN_S = 300.0
"""What was written down longer ago than this belongs to another release."""


class Voice(NamedTuple):
    """
    One replica to listen to.

    ``began``: how long its log was when its process was started, None if that was before our time.
    ``served``: it was ready when the listening began, so that its log tells what is usual.
    """

    name: str
    revision: str
    path: Path
    began: int | None = None
    served: bool = False


class Spot(msgspec.Struct):
    """How far one replica's log was read, and the matching lines by the name of the check."""

    position: lines.Position
    counts: dict[str, int] = {}


class Heard(msgspec.Struct):
    """What was heard of one application; ``at``: when it was written down."""

    patterns: dict[str, str]
    spots: dict[str, Spot] = {}
    kinds: dict[str, dict[str, dict[str, int]]] = {}
    at: float = 0.0


class Listening:
    """
    Listen to the applications that are asked for.

    All of it may take milliseconds and is to be called in a thread, one call at a time.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._heard: dict[Key, Heard] = {}
        self._compiled: dict[Key, dict[str, matches.Pattern]] = {}

    def asked(self, key: Key) -> Mapping[str, str]:
        """Return the patterns that are listened for."""
        heard = self._heard.get(key)
        return heard.patterns if heard is not None else {}

    def listen(self, key: Key, patterns: Mapping[str, str], voices: Sequence[Voice]) -> None:
        """Begin to listen, or stop it when there is no pattern; ``Rejected`` for a bad pattern."""
        if patterns == self.asked(key):
            return
        if not patterns:
            self._heard.pop(key, None)
            self._compiled.pop(key, None)
            with contextlib.suppress(OSError):
                self._file(key).unlink(missing_ok=True)
            return
        compiled = {name: _compiled(key, name, text) for name, text in patterns.items()}
        heard = self._earlier(key, patterns)
        if heard is None:
            heard = Heard(dict(patterns))
            for voice in voices:
                heard.spots[voice.name] = Spot(_begun(voice))
                if voice.served:
                    block = lines.last(voice.path, HISTORY)
                    known = heard.kinds.setdefault(voice.revision, {})
                    for name, found in compiled.items():
                        kinds.add(known.setdefault(name, {}), matches.matching(found, block))
        self._heard[key], self._compiled[key] = heard, compiled
        self._write(key, heard)

    def hear(self, key: Key, voices: Sequence[Voice]) -> None:
        """Take in what was written since the last call."""
        heard, compiled = self._heard.get(key), self._compiled.get(key, {})
        if heard is None or not voices:
            return
        most = min(MOST, MOST_OF_ALL // len(voices))
        news = False
        for voice in voices:
            spot = heard.spots.get(voice.name)
            if spot is None:
                spot = heard.spots[voice.name] = Spot(lines.begun(voice.path, at=voice.began or 0))
            before = (spot.position.offset, spot.position.inode)
            block = lines.read(voice.path, spot.position, most)
            news |= before != (spot.position.offset, spot.position.inode)
            # Who is listened to and writes nothing has no kinds, which is not the same as unheard.
            known = heard.kinds.setdefault(voice.revision, {})
            for name in compiled:
                known.setdefault(name, {})
            if block:
                _take_in(block, compiled, spot, known)
        names, revisions = {v.name for v in voices}, {v.revision for v in voices}
        heard.spots = {n: s for n, s in heard.spots.items() if n in names}
        # What a version said stays known when it is gone: the next one is held against it.
        gone = [revision for revision in heard.kinds if revision not in revisions]
        for revision in gone[: max(0, len(heard.kinds) - KEPT)]:
            del heard.kinds[revision]
        if news:
            self._write(key, heard)

    def added(self, key: Key, scrape: Scrape) -> Scrape:
        """Return a scrape with what was heard of the application."""
        heard = self._heard.get(key)
        if heard is None:
            return scrape
        found = dict(scrape.revisions)
        for revision, counters in found.items():
            replicas = {
                name: replace(one, lines={**one.lines, **_counts(heard, name)})
                if name in heard.spots
                else one
                for name, one in counters.replicas.items()
            }
            found[revision] = replace(counters, replicas=replicas)
        for revision, known in heard.kinds.items():
            # A replica that gets no requests is heard all the same.
            counters = found.get(revision, RevisionCounters(replicas={}))
            copied = {name: dict(counted) for name, counted in known.items()}
            found[revision] = replace(counters, kinds=copied)
        return replace(scrape, revisions=found)

    def _earlier(self, key: Key, patterns: Mapping[str, str]) -> Heard | None:
        """Return what an earlier controller had heard of this release."""
        if key in self._heard:
            return None
        try:
            found = msgspec.msgpack.decode(self._file(key).read_bytes(), type=Heard)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        fresh = time.time() - found.at < FORGOTTEN_S
        return found if fresh and found.patterns == patterns else None

    def _write(self, key: Key, heard: Heard) -> None:
        heard.at = time.time()
        # A full disk costs the memory of a restart, nothing else.
        with contextlib.suppress(failures.Unavailable):
            write(self._file(key), msgspec.msgpack.encode(heard), durable=False)

    def _file(self, key: Key) -> Path:
        return self._places.lines / folder(key)


def _compiled(key: Key, name: str, text: str) -> matches.Pattern:
    try:
        return matches.pattern(text)
    except ValueError as problem:
        raise failures.Rejected(
            f"{key}: the pattern of the check {name} cannot be used: {problem}",
            hint="patterns are written as RE2 reads them, such as ERROR|Traceback",
        ) from problem


def _begun(voice: Voice) -> lines.Position:
    return lines.begun(voice.path, at=None if voice.served else voice.began)


def _counts(heard: Heard, replica: str) -> dict[str, int]:
    counts = heard.spots[replica].counts
    return {name: counts.get(name, 0) for name in heard.patterns}


def _take_in(
    block: bytes,
    compiled: Mapping[str, matches.Pattern],
    spot: Spot,
    known: dict[str, dict[str, int]],
) -> None:
    for name, found in compiled.items():
        matching = list(itertools.islice(matches.matching(found, block), COUNTED))
        spot.counts[name] = spot.counts.get(name, 0) + len(matching)
        kinds.add(known.setdefault(name, {}), matching[:TOLD_APART])
