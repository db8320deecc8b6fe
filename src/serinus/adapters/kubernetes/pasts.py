"""
What is known of the releases of each application: as the cache has them, or as they were written.

Whichever is newer counts. The newest Release that began says how its application stands, and is
read once; the others stay packed until somebody asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from dataclasses import replace as replaced

import anyio
from msgspec.structs import replace

from serinus.adapters.kubernetes import records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Object
from serinus.adapters.kubernetes.records import Account, Entry
from serinus.core.state import history, labels
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Revision
from serinus.ports import failures

NOTHING = Account(status=None, answers=(), decisions=(), judge=None)


@dataclass(slots=True)
class Past:
    """
    What is known of one application.

    ``entries``: its Release objects by number. ``holder``: the one that ``account`` was read from.
    ``resting``: the status of an application that has no Release object. ``settled``: answers that
    stand on their intents by now.
    """

    application: str
    entries: dict[int, Entry] = field(default_factory=dict)
    holder: Entry | None = None
    account: Account = NOTHING
    resting: Status | None = None
    settled: set[str] = field(default_factory=set)
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    def began(self) -> list[int]:
        """Return the numbers of the releases that began, in their order."""
        return sorted(number for number, entry in self.entries.items() if entry.began)

    def newest(self) -> Entry | None:
        """Return the newest release that began."""
        began = self.began()
        return self.entries[began[-1]] if began else None

    def lost(self) -> bool:
        """Tell whether somebody deleted the object that holds the current status."""
        return self.holder is not None and self.holder.number not in self.entries


class Pasts:
    """
    Know the Release objects of all applications.

    ``owner`` returns the uid of an Application, empty for none. ``lost`` is told of applications
    whose current Release somebody deleted.
    """

    def __init__(
        self, cache: Cache, owner: Callable[[Name], str], lost: Callable[[Name], None]
    ) -> None:
        self.owner = owner
        self._lost = lost
        self._pasts: dict[Name, Past] = {}
        self._brought: dict[str, Entry] = {}
        for obj in cache.of():
            self._changed("ADDED", None, obj)
        cache.subscribe(self._changed)

    def applications(self) -> tuple[str, ...]:
        """Return the names of all applications that have a status."""
        found = []
        for past in list(self._pasts.values()):
            try:
                known = self.account(Key(past.application, "")).status
            except failures.Rejected:  # It cannot be read: its turn will say so.
                found.append(past.application)
            else:
                if past.resting is not None or known is not None:
                    found.append(past.application)
        return tuple(found)

    def forgotten(self) -> tuple[str, ...]:
        """Return the names of applications that have releases and no status any more."""
        known = set(self.applications())
        return tuple(p.application for p in self._pasts.values() if p.application not in known)

    def entries(self) -> Iterable[tuple[str, Entry]]:
        """Return all Release objects that began, each with the name of its application."""
        for past in self._pasts.values():
            for entry in past.entries.values():
                if entry.began:
                    yield past.application, entry

    def past(self, key: Key) -> Past:
        """Return what is known of an application."""
        place = labels.parted(key.application)
        past = self._pasts.get(place)
        if past is None:
            past = self._pasts[place] = Past(key.application)
        past.application = key.application
        return past

    def account(self, key: Key) -> Account:
        """Return what the newest Release says of its application; ``Rejected`` if damaged."""
        past = self._pasts.get(labels.parted(key.application))
        if past is None:
            return NOTHING
        newest, holder = past.newest(), past.holder
        if holder is not None and past.lost():
            if holder.owner == self.owner(holder.place):
                return past.account  # Somebody deleted the object; what it held is still so.
            past.holder, past.account = None, NOTHING  # It was of another one with this name.
        if newest is not None and newest != past.holder:
            self.hold(past, newest, records.account_of(newest, key))
        return past.account

    def whole(self, key: Key) -> Account:
        """Return the same with all that is packed away at rest."""
        account, holder = self.account(key), self.past(key).holder
        if holder is None or _flies(account):
            return account
        return records.account_of(holder, key)

    def hold(self, past: Past, entry: Entry, account: Account) -> None:
        """
        Note which Release says how an application stands, and what it says.

        At rest the decisions, the judge's memory and what was seen stay packed until somebody asks:
        thousands of applications are at rest.
        """
        if not _flies(account):
            account = replaced(account, decisions=(), judge=None, seen=None)
        past.holder, past.account = entry, account

    def status(self, key: Key) -> Status | None:
        """Return the current status of an application; a forgotten one only goes on counting."""
        past = self._pasts.get(labels.parted(key.application))
        if past is None:
            return None
        status = past.resting or self.account(key).status
        if status is not None:
            return status if status.key == key else _moved(status, key)
        began = past.began()
        return Status(key=key, releases=began[-1]) if began else None

    def release(self, key: Key, number: int) -> Release | None:
        """Return one release, None where there is no object of it."""
        past = self.past(key)
        entry, current = past.entries.get(number), self.status(key)
        newest = current.release if current is not None else None
        if newest is not None and newest.number == number:
            return newest
        release = records.read(entry).release(key) if entry is not None else None
        if release is None or release.ended_at is not None:
            return release
        later = [n for n in past.began() if n > number]
        after = self.release(key, later[0]) if later else None
        return history.overtaken(release, after) or release

    def environment(self, application: str) -> str:
        """Return the environment that the newest release is in, empty where there is none."""
        past = self._pasts.get(labels.parted(application))
        newest = past.newest() if past is not None else None
        return records.read(newest).spec.environment if newest is not None else ""

    def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading that was written with a release."""
        entry = self.past(key).entries.get(number)
        state = records.read(entry).state if entry is not None else None
        seen = records.seen_of(state) if state is not None else None
        return seen.reading if seen is not None else None

    def revision(self, revision: str) -> Revision | None:
        """Return a revision that a release brought."""
        entry = self._brought.get(revision)
        return records.revision_of(entry) if entry is not None else None

    def keep(self, past: Past, entry: Entry) -> None:
        """Take in a Release object, unless a newer one of it is known."""
        known = past.entries.get(entry.number)
        if known is None or known.uid != entry.uid or not _older(entry, known):
            past.entries[entry.number] = entry
            self._brought[entry.candidate] = entry

    def _changed(self, change: str, old: Object | None, new: Object | None) -> None:
        del change
        obj = new or old
        if obj is None:
            return
        entry = records.entry(obj)
        past = self._pasts.get(entry.place)
        if past is None:
            past = self._pasts[entry.place] = Past(str(entry.place))
        if new is not None:
            self.keep(past, entry)
            return
        known = past.entries.get(entry.number)
        if known is not None and known.uid == entry.uid:
            del past.entries[entry.number]
            if self._brought.get(entry.candidate) == known:
                del self._brought[entry.candidate]
            if past.lost():
                self._lost(entry.place)


def _flies(account: Account) -> bool:
    release = account.status.release if account.status is not None else None
    return release is not None and release.ended_at is None


def _older(entry: Entry, than: Entry) -> bool:
    """Tell whether an object is of an earlier moment: the versions of a kind are in order."""
    mine, other = entry.version, than.version
    return mine.isdecimal() and other.isdecimal() and int(mine) < int(other)


def _moved(status: Status, key: Key) -> Status:
    """Return a status whose application is in an environment of another name by now."""
    release = status.release
    if release is not None:
        release = replace(release, application=key.application, environment=key.environment)
    return replace(status, key=key, release=release)
