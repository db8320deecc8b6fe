"""
Placebo probes: how often a replica of the *stable* version would fail the probe at hand.

A probe asks a fresh replica whether it is bad, too. Replicas have bad luck of their own: a slow
disk, a noisy neighbour, a burst of failures that is nobody's version's fault. How often that
happens is not assumed but seen: each of stable's replicas is probed in the past hour, window by
window, as if it were the candidate beside the others::

             ┌ 120 s ┐
    stable-0 ───────┼───────┼───×───┼───────      × the probe would have failed: 3 of 120 windows
    stable-1 ───────┼───────┼───────┼───────
    stable-2 ───×───┼───────┼───────┼───×───

From these windows follow how many fresh replicas have to fail, one after the other, before it is
the version (:func:`probes`), and how many alarms a healthy release may have (:func:`alarms`).

``(crossings + 1) / (windows + PRIOR)`` is a conformal bound of the chance if the windows and the
probe are exchangeable; the prior keeps a service of which little is known from being taken for a
quiet one. The windows of one replica depend on each other where it is bad for long: then there are
less of them than it seems, and the number of replicas counts.
"""

from collections.abc import Mapping, Sequence
from math import ceil, exp, inf, log

import msgspec

from serinus.core.analysis import probe
from serinus.core.analysis.strand import Line
from serinus.core.spec.delivery import Check, LogCheck, NetworkCheck
from serinus.core.state.counts import NETWORK, STABLE, Tick

PAST_S = 3600.0
"""So far back it is looked, in seconds."""

WINDOW_S = 120.0
"""How long a placebo probe takes at most, in seconds, where that is enough requests."""

PRIOR = 10.0
"""So many windows are thought of, of which one failed, before any was seen."""

REPEATS = 0.003
"""The chance, for each release, that bad luck alone fails all the probes of an episode."""

HOLDS = 0.01
"""The chance that a healthy release has more alarms than it may have."""

UNSEEN = 3
"""So many alarms at most where no replica of stable was ever seen to raise one."""

STRONG = 100.0
"""The evidence at which a window counts as one that would have raised the alarm of a release."""

CLEARLY = 10.0
"""
So many times the level counts as failed. The level itself is reached by chance, in up to one of ten
windows in which nothing happened; against that there is the ledger, and not the number of probes.
"""

LEAST_S = 15.0
Blocks = Sequence[Mapping[str, tuple[int, int]]]
"""For each block of the past, oldest first: (requests, bad ones) of each of stable's replicas."""


class Placebo(msgspec.Struct, frozen=True, array_like=True):
    """
    What placebo probes found: of ``windows``, how many ``crossed`` the level, how many strongly.

    ``seconds``: the length of one window; ``replicas``: how many were looked at.
    """

    windows: int = 0
    crossed: int = 0
    strong: int = 0
    seconds: float = WINDOW_S
    replicas: int = 0

    @property
    def chance(self) -> float:
        """Return the chance that a replica of the stable version fails the probe."""
        return min((self.crossed + 1) / (self.windows + PRIOR), 0.999)

    def expected(self, plan_s: float, replicas: int) -> float:
        """Return how many alarms a healthy release has in the mean, with so many replicas."""
        each = (self.strong + 1) / (self.windows + PRIOR)
        return each * replicas * max(1.0, plan_s / self.seconds)


class Design(msgspec.Struct, frozen=True):
    """
    The probe that is repeated as a placebo.

    ``theta``: θ̂; ``theta_p``: stable's share; ``requests``: how many a fresh replica gets in a
    block; ``level``: the evidence (no logarithm) at which the probe fails or passes.
    """

    theta: float
    theta_p: float
    line: Line
    phi: float
    requests: float
    block_s: float
    level: float
    window_s: float = WINDOW_S


def probes(found: Placebo, plan_s: float, replicas: int) -> int:
    """
    Return how many fresh replicas have to fail before it is the version and not bad luck.

    The smallest m with ``expected alarms × chance^m ≤ REPEATS``.
    """
    expected = max(found.expected(plan_s, replicas), 1e-9)
    if expected <= REPEATS:
        return 1
    return max(1, ceil(log(REPEATS / expected) / log(found.chance)))


def alarms(found: Placebo, plan_s: float, replicas: int, least: int) -> int:
    """
    Return how many alarms a release may have before a person should look at it.

    The smallest number, ``least`` at least, that a healthy release of this service exceeds with a
    chance of at most :data:`HOLDS` (Poisson, half as many again as expected).
    """
    mean = 1.5 * found.expected(plan_s, replicas)
    term, below, number = exp(-mean), 0.0, 0
    while number < least or 1.0 - (below + term) > HOLDS:
        below += term
        number += 1
        term *= mean / number
        if number > 100:  # noqa: PLR2004  nothing that happens so often is an alarm
            break
    # What was never seen is not granted for the reason alone that little was seen.
    return number if found.strong else min(number, max(least, UNSEEN))


def past(ticks: Sequence[Tick], check: Check, block_s: float) -> Blocks:
    """Return blocks of what each of stable's replicas did, in the counts of one check."""
    blocks: list[dict[str, tuple[int, int]]] = []
    seconds = block_s
    for tick in ticks:
        arm = tick.arms.get(STABLE)
        if arm is None:
            continue
        if seconds >= 0.95 * block_s:
            blocks.append({})
            seconds = 0.0
        seconds += tick.seconds
        block = blocks[-1]
        for name, (n, x) in arm.replicas.items():
            if name in tick.masked:
                continue
            bad = x
            if isinstance(check, LogCheck | NetworkCheck):
                heard = NETWORK if isinstance(check, NetworkCheck) else check.name
                bad = min(arm.lines.get(name, {}).get(heard, 0), n)
            before = block.get(name, (0, 0))
            block[name] = (before[0] + n, before[1] + bad)
    return blocks


def look(blocks: Blocks, design: Design) -> Placebo:
    """Probe each of stable's replicas in each window of the past."""
    names = sorted({name for block in blocks for name in block})
    length = max(1, round(design.window_s / design.block_s))
    windows = crossed = strong = 0
    for begin in range(len(blocks) - length, -1, -length):
        part = blocks[begin : begin + length]
        totals = [
            (sum([n for n, _ in block.values()]), sum([x for _, x in block.values()]))
            for block in part
        ]
        for place, name in enumerate(names):
            seed = begin * 31 + place
            single = _probed(part, totals, name, design, whole=False, seed=seed)
            burst = _probed(part, totals, name, design, whole=True, seed=seed)
            if single is None or burst is None:
                continue
            windows += 1
            crossed += max(*single, *burst) >= log(design.level * CLEARLY)
            strong += single[0] >= log(STRONG)
    return Placebo(windows, crossed, strong, length * design.block_s, len(names))


def _probed(
    part: Blocks,
    totals: Sequence[tuple[int, int]],
    name: str,
    design: Design,
    *,
    whole: bool,
    seed: int,
) -> tuple[float, float] | None:
    """
    Return the largest evidence of one placebo probe, and of the trial that follows it if it passed.

    None if the replica did not serve.

    The replica had more requests than a probe gets: some of them are left out, bad ones each by
    itself (``whole``: all of a block or none of them, as a burst that hits or does not).
    """
    ratios, seconds, served = probe.FRESH, 0.0, False
    most, trial = [-inf, -inf], 0
    for place, (block, (n_all, x_all)) in enumerate(zip(part, totals, strict=True)):
        n, x = block.get(name, (0, 0))
        if not n or n_all <= n:
            continue
        served = True
        kept = min(1.0, design.requests / n)
        bad = _thinned(x, kept, seed * 1009 + place, whole=whole) if x else 0
        asked = max(n * kept, bad)
        counts = (asked, float(bad), float(n_all - n), float(x_all - x))
        ratios = probe.step(ratios, counts, design.theta, design.theta_p, design.line, design.phi)
        seconds += design.block_s
        most[trial] = max(most[trial], probe.evidence(ratios))
        if not trial and seconds >= LEAST_S and ratios[1] <= -log(design.level):
            # It passed; after a probe comes a trial, which begins anew and may fail as well.
            ratios, trial = probe.FRESH, 1
    return (most[0], most[1]) if served else None


def _thinned(bad: int, kept: float, seed: int, *, whole: bool) -> int:
    """Return how many of the bad requests a probe would have got; the same for the same seed."""
    if kept >= 1.0:
        return bad
    if whole:
        return bad if _draw(seed) < kept else 0
    return sum([_draw(seed * 4099 + number) < kept for number in range(bad)])


def _draw(seed: int) -> float:
    """Return a number in [0, 1) that looks random (SplitMix64; Steele, Lea, Flood 2014)."""
    z = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return ((z ^ (z >> 31)) >> 11) / 9007199254740992.0
