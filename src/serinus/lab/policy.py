"""Policy tests: the cases of a folder played, and what became of each."""

from collections.abc import Callable, Sequence

import msgspec

from serinus.core.spec.prose import seconds
from serinus.lab import expected, replay, simulate
from serinus.lab.cases import Case
from serinus.lab.expected import Met, Seen
from serinus.lab.replayed import Replayed
from serinus.lab.simulate import Run


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """
    What became of a case: each expectation, each run.

    ``look``: the seed of the run to look at, the first that was not as expected (else the first).
    """

    name: str
    file: str
    subject: str
    passed: bool
    expectations: tuple[Met, ...]
    runs: tuple[Seen, ...]
    assumed: tuple[str, ...]
    look: int


def play(
    cases: Sequence[Case], jobs: int = 1, step: Callable[[], None] = lambda: None
) -> tuple[Result, ...]:
    """Play all cases, each of their runs once; ``step`` is called after each run."""
    wanted = [(case.setting, seed) for case in cases if case.setting for seed in case.seeds]
    runs = simulate.many(wanted, jobs)
    results = []
    for case in cases:
        seen: list[Seen] = []
        for seed in case.seeds:
            seen.append(_replayed(case, seed) if case.setting is None else _simulated(next(runs)))
            step()
        results.append(judge(case, tuple(seen)))
    return tuple(results)


def judge(case: Case, seen: tuple[Seen, ...]) -> Result:
    """Tell whether the runs of a case are as expected."""
    found = tuple(expected.judge(one, seen) for _, one in case.expects)
    others = [seed for met in found if not met.met for seed in met.failed]
    return Result(
        name=case.name,
        file=case.file,
        subject=case.subject.name,
        passed=all(met.met for met in found),
        expectations=found,
        runs=seen,
        assumed=case.subject.assumed,
        look=min(others, default=case.seeds[0]),
    )


def film(case: Case, seed: int) -> tuple[str, ...]:
    """Return the film of one run of a case: one line for each event."""
    if case.setting is not None:
        return simulate.film(case.setting, seed)
    played = _played(case, seed)
    return tuple(f"{seconds(one.after_s):>8}  {one.sentence}" for one in played.timeline)


def _simulated(run: Run) -> Seen:
    return Seen(
        seed=run.seed,
        outcome=run.ending.value,
        end_s=run.end_s,
        off_s=run.off_s,
        requests=run.requests,
        bad=run.bad,
        slow=run.slow,
        verified=run.verified,
        sentence=run.sentence,
    )


def _replayed(case: Case, seed: int) -> Seen:
    played = _played(case, seed)
    return Seen(
        seed=seed,
        outcome=played.outcome.value,
        end_s=played.seconds,
        off_s=played.off_s,
        requests=played.requests,
        bad=played.bad,
        slow=0,
        verified=bool(played.verified),
        sentence=played.sentence,
    )


def _played(case: Case, seed: int) -> Replayed:
    if case.recording is None:
        raise ValueError(f"{case.name} has no recording to replay")
    return replay.play(case.subject.delivery, case.recording, seed=seed)
