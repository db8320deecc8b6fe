"""
Log lines: from counters that grow to what was written within one tick.

A replica that is listened to reports a number for each check, 0 included. Where a number is new
for a replica that was there before, somebody has begun to listen in between, and what was counted
belongs to no request that we know of: such a tick says nothing. What is written by a replica that
gets copies of requests stands in its own log, whoever sent the request.
"""

from collections.abc import Mapping

from serinus.core.state.counts import MIRRORED, NETWORK, RevisionCounters, Scrape

_NOBODY = RevisionCounters(replicas={})


def lines(before: Scrape, after: Scrape, revision: str) -> dict[str, dict[str, int]]:
    """Return the matching lines by replica and check, those of a fresh log from its beginning."""
    old, new = _of(before, revision).replicas, _of(after, revision).replicas
    found: dict[str, dict[str, int]] = {}
    for replica in sorted(new):
        counted = new[replica].lines
        if revision.endswith(MIRRORED):
            # How copies ended is not told apart; real requests have nothing to do with them.
            counted = {check: n for check, n in counted.items() if check != NETWORK}
        if not counted:
            continue
        known = old.get(replica)
        base = dict.fromkeys(counted, 0) if known is None else known.lines
        added = {
            check: counted[check] - base[check] if counted[check] >= base[check] else counted[check]
            for check in sorted(counted)
            if check in base
        }
        if added:
            found[replica] = added
    return found


def kinds(before: Scrape, after: Scrape, revision: str) -> dict[str, dict[str, int]]:
    """Return by check which kinds of lines came, and how often; one that is heard is there."""
    old, new = _of(before, revision).kinds, _of(after, revision).kinds
    return {check: _grown(old.get(check, {}), new[check]) for check in sorted(new)}


def _grown(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
    if any(new.get(kind, 0) < times for kind, times in old.items()):
        old = {}
    return {
        kind: new[kind] - old.get(kind, 0) for kind in sorted(new) if new[kind] > old.get(kind, 0)
    }


def _of(scrape: Scrape, revision: str) -> RevisionCounters:
    own = scrape.revisions.get(revision.removesuffix(MIRRORED))
    return own or scrape.revisions.get(revision, _NOBODY)
