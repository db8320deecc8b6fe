"""
The engine as a mere rule: what its evidence alone would do, without retreat, probe and ledger.

``E`` is the unguarded evidence (quick, and false wherever errors come in clumps); ``v1`` is
tempered by the dispersion, and no block may add more than half of what is needed. Both roll back
at 100. Serinus does neither: a release is given up by probes on fresh replicas. They stand beside
it to show what those are good for.
"""

from collections.abc import Mapping, Sequence
from math import exp, log

import msgspec

from serinus.core.analysis import blocks, eprocess, strand, stream
from serinus.core.analysis.blocks import Block
from serinus.core.analysis.strand import Capital
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import (
    AgainstStable,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
)
from serinus.core.state.counts import Tick
from serinus.lab.play import Truth
from serinus.lab.rules import Make, Rule
from serinus.lab.scenario import Scenario

LEVEL = 100.0
CAP = log(LEVEL) / 2
"""The most that one block may add to the guarded evidence."""

_ROUNDING = 1e-9


class Engine:
    """
    The evidence of all checks of a scenario, guarded and not.

    Both rules may share one: a tick is counted once, whoever shows it first.
    """

    def __init__(self, scenario: Scenario, history: Sequence[Tick]) -> None:
        self.checks = checks(scenario)
        whole = sum(check.weight for check in self.checks)
        self._weights = [log(check.weight / whole) for check in self.checks]
        self._plan_s = max(scenario.plan_s, 1.0)
        self._cash = 1.0
        self._at = history[-1].at if history else 0.0
        self._ticks: list[Tick] = []
        self._ticks_at = 0.0
        seen = _blocks(history)
        self._streams = [stream.remember(stream.open(one), one, seen) for one in self.checks]

    def tick(self, tick: Tick) -> None:
        """Take in a tick; evidence is counted whenever a block is full."""
        if self._ticks_at == tick.at:
            return
        self._ticks_at = tick.at
        self._ticks.append(tick)
        if not blocks.full(sum([one.seconds for one in self._ticks]), blocks.LEAST_S):
            return
        block = blocks.join(self._ticks)
        self._ticks = []
        capital = self._capital(block)
        elapsed = max(block.seconds, block.at - self._at) if self._at else block.seconds
        self._at = block.at
        self._streams = [
            stream.learn(_bet(one, check, block, capital), block, elapsed)
            for one, check in zip(self._streams, self.checks, strict=True)
        ]

    def _capital(self, block: Block) -> Capital:
        wanted = (1 - eprocess.FIRST) * block.seconds / self._plan_s
        share = min(self._cash, eprocess.FIRST if self._cash >= 1.0 else wanted)
        self._cash = self._cash - share if self._cash - share > _ROUNDING else 0.0
        return Capital(share, self._cash, CAP)

    @property
    def guarded(self) -> float:
        """Return the logarithm of the evidence with both guards."""
        return self._together([stream.evidence(one) for one in self._streams])

    @property
    def unguarded(self) -> float:
        """Return the logarithm of the evidence without guards."""
        return self._together([stream.unguarded(one) for one in self._streams])

    def _together(self, logs: list[float]) -> float:
        parts = [one + weight for one, weight in zip(logs, self._weights, strict=True)]
        if not parts:  # a scenario of gauges alone: nothing is counted
            return 0.0
        top = max(parts)
        return top + log(sum([exp(part - top) for part in parts]))


class Guarded:
    """Roll back at 100 of the evidence with dispersion and cap."""

    name = "v1"

    def __init__(
        self, scenario: Scenario, history: Sequence[Tick], shared: Engine | None = None
    ) -> None:
        self._engine = shared or Engine(scenario, history)

    @property
    def evidence(self) -> float:
        """Return the logarithm of the evidence that it goes by."""
        return self._engine.guarded

    def tick(self, tick: Tick, _: float, __: Truth | None) -> bool:
        """Take in a tick, and tell whether to roll back."""
        self._engine.tick(tick)
        return self.evidence >= log(LEVEL)


class Unguarded(Guarded):
    """The same with the evidence that takes requests for independent."""

    name = "E"

    @property
    def evidence(self) -> float:
        """Return the logarithm of the evidence without guards."""
        return self._engine.unguarded


RULES: Mapping[str, Make] = {"E": Unguarded, "v1": Guarded}


def both(scenario: Scenario, history: Sequence[Tick]) -> Mapping[str, Rule]:
    """Return both rules, on one engine: they must be shown every tick side by side."""
    shared = Engine(scenario, history)
    return {
        "E": Unguarded(scenario, history, shared),
        "v1": Guarded(scenario, history, shared),
    }


def checks(scenario: Scenario) -> tuple[Check, ...]:
    """Return the checks of a scenario in the words of the judge."""
    found: list[Check] = []
    for name, (ratio, plus) in scenario.checks.items():
        against = AgainstStable(ratio, plus)
        if name == "latency":
            found.append(LatencyCheck("latency", against))
        elif name in scenario.lines:
            found.append(LogCheck(name, against, pattern=name))
        elif name not in scenario.gauges:
            found.append(ErrorsCheck("errors", against))
    return tuple(found)


def _bet(one: Stream, check: Check, block: Block, capital: Capital) -> Stream:
    strands = []
    for place, old in enumerate(one.strands):
        counts, _ = stream.counts(one, place, check, block)
        strands.append(strand.run(old, counts, stream.line(check), None, capital))
    return msgspec.structs.replace(one, strands=tuple(strands))


def _blocks(history: Sequence[Tick]) -> list[Block]:
    found: list[Block] = []
    ticks: list[Tick] = []
    for tick in history:
        ticks.append(tick)
        if blocks.full(sum([one.seconds for one in ticks]), blocks.LEAST_S):
            found.append(blocks.join(ticks))
            ticks = []
    return found
