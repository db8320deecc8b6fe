"""Results of a bench that nobody played: runs made by hand, and what they amount to."""

from collections.abc import Mapping, Sequence
from typing import Any

from serinus.lab import bench, findings
from serinus.lab.bench import Asked, Failure, Found
from serinus.lab.contest import Run
from serinus.lab.findings import Findings
from serinus.lab.play import End, Played
from serinus.lab.scenario import Kind
from tests.lab import small

NAMES = ("serinus", "oracle", "oracle2", "E")


def played(
    end: End, off_s: float | None, final_s: float, bad: int, *, retreats: int = 0, **more: Any
) -> Played:
    """Return what became of one run; its delay is half a minute."""
    given = {"verified": False, "requests": 500, "delay_s": 30.0, **more}
    return Played(end=end, off_s=off_s, final_s=final_s, bad=bad, retreats=retreats, **given)


PROMOTED = played(End.PROMOTED, None, 120.0, 4, verified=True)
BACK = played(End.ROLLED_BACK, 20.0, 60.0, 20, retreats=1)
HELD = played(End.HELD, 30.0, 90.0, 10, retreats=3)
MISSED = played(End.PROMOTED, None, 120.0, 40, verified=True, missed=True)
STOPPED = played(End.ROLLED_BACK, 10.0, 10.0, 10)
"""What an oracle does: it is quick, and its release ends at once."""

LATER = played(End.ROLLED_BACK, 20.0, 20.0, 16)


def run(number: int, played: Mapping[str, Played], *, name: str = "n", unsafe: bool = False) -> Run:
    """Return one run."""
    return Run(name, number, played, unsafe)


def nulls(serinus: Sequence[Played], name: str = "n") -> list[Run]:
    """Return runs of a null in which nobody but Serinus ever does anything."""
    rest = dict.fromkeys(NAMES[1:], PROMOTED)
    return [run(n, {"serinus": one, **rest}, name=name) for n, one in enumerate(serinus)]


def regressions(serinus: Sequence[Played], name: str = "a") -> list[Run]:
    """Return runs of a regression that the others detect."""
    rest = {"oracle": STOPPED, "oracle2": LATER, "E": LATER}
    return [
        run(n, {"serinus": one, **rest}, name=name, unsafe=True) for n, one in enumerate(serinus)
    ]


def asked(**changes: Any) -> Asked:
    """Return what was asked for: a null ``n``, one with pod faults ``p``, a regression ``a``."""

    def load() -> bench.Sets:
        null = small.scenario(name="n", title="nothing is wrong")
        pods = small.scenario(name="p", pod_faults=True)
        return {"counts": (null, pods, small.scenario(Kind.REGRESSION, 0.2, name="a"))}

    return Asked(**{"load": load, "names": NAMES, "runs": 100, "regression_runs": 100, **changes})


def found(**runs: Sequence[Played]) -> Findings:
    """Return findings of runs of ``n``, ``p`` and ``a`` in which Serinus did this."""
    made = {
        name: regressions(ones, name) if name == "a" else nulls(ones, name)
        for name, ones in runs.items()
    }
    return findings.of(asked(), Found(made), "serinus bench decisions")


def usual() -> Findings:
    """Return findings with something of everything."""
    made = {
        "n": nulls([PROMOTED] * 99 + [BACK]),
        "p": nulls([PROMOTED] * 90 + [HELD] * 10, "p"),
        "a": regressions([BACK] * 98 + [MISSED, HELD]),
    }
    failure = Failure("q", 3, 77, "q: tick 1: 3; wanted a dict\nq: tick 2: 4; wanted a dict")
    return findings.of(
        asked(), Found(made, (failure,), interrupted=True), "serinus bench decisions"
    )
