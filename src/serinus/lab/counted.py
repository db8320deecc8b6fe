"""
What a scenario yields, checked and put in the words of the judge.

A count that is negative, fractional, or not a number at all would make every rule beside it look
better or worse than it is. It ends the run with an error that names scenario, tick, arm and pod;
all that is wrong with one tick is told at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from serinus.core.errors import Problem, SpecError
from serinus.core.state.counts import CANDIDATE, STABLE, TWIN, Arm, Tick
from serinus.core.state.sample import Sample
from serinus.lab.scenario import Scenario

ARMS = {"stable": STABLE, "candidate": CANDIDATE, "twin": TWIN}
BESIDE = ("latency", "lines", "samples", "seconds", "truth")
"""What a tick may hold beside its arms."""

EXAMPLE = '{"stable": {"s0": (950, 1)}, "candidate": {"c0": (50, 0)}}'
LINES = '{"candidate": {"c0": {"refused": 2}}}'
SAMPLES = '{"memory": {"stable": 512.0, "candidate": 530.0}}'
_PAIR = 2


class Truth(NamedTuple):
    """The true shares of errors in one tick, where the scenario tells them."""

    stable: float
    candidate: float


def tick(found: Any, at: float, scenario: Scenario, number: int) -> Tick:
    """
    Return the tick that ends ``at``; ``number`` is which one it is of its run, from 1 on.

    Raises SpecError with all that is wrong with it.
    """
    try:
        return _tick(found, at, scenario)
    except _Odd as odd:
        wrong: Exception = odd
    except Exception as failed:  # noqa: BLE001  whatever it was, the reading below says what is odd
        wrong = failed
    where = f"{scenario.name}: tick {number}"
    problems = tuple(_problems(found, scenario, where))
    raise SpecError(problems or (Problem(where, f"it cannot be read: {wrong!r}"),)) from wrong


def truth(found: Mapping[str, Any], scenario: Scenario, number: int) -> Truth | None:
    """Return the true shares of a tick, if it tells them."""
    told = found.get("truth")
    if told is None:
        return None
    try:
        shares = Truth(float(told["stable"]), float(told["candidate"]))
        if 0.0 <= shares.stable <= 1.0 and 0.0 <= shares.candidate <= 1.0:
            return shares
    except (KeyError, TypeError, ValueError):
        pass
    where = f"{scenario.name}: tick {number}: truth"
    wanted = 'wanted shares between 0 and 1: {"stable": 0.001, "candidate": 0.01}'
    raise SpecError((Problem(where, f"{told!r}; {wanted}"),))


def samples(found: Mapping[str, Any], at: float, scenario: Scenario) -> tuple[Sample, ...]:
    """Return the samples of a tick that :func:`tick` has read, in the order of GAUGES."""
    told = found.get("samples") or {}
    return tuple(
        Sample(name, at, {ARMS[arm]: float(value) for arm, value in told[name].items()})
        for name in scenario.gauges
        if name in told
    )


class _Odd(Exception):
    """Something is wrong with a tick; what it is is found out by a second, slower reading."""


def _tick(found: Any, at: float, scenario: Scenario) -> Tick:
    latency = found.get("latency")
    lines = found.get("lines") or {}
    bounds = len(scenario.bounds_ms)
    arms = {}
    known = sum([name in found for name in BESIDE])
    if not (latency or {}).keys() <= ARMS.keys() or not lines.keys() <= ARMS.keys():
        raise _Odd
    samples = found.get("samples")
    if samples and any(_odd_sample(name, of, scenario) for name, of in samples.items()):
        raise _Odd
    for name, arm in ARMS.items():
        pods = found.get(name)
        known += name in found
        if not pods:
            continue
        counts = {}
        for pod, (n, x) in pods.items():
            if type(n) is type(x) is int and 0 <= x <= n:  # as nearly always: it is the quicker way
                counts[pod] = (n, x)
                continue
            requests, errors = int(n), int(x)
            if requests != n or errors != x or not 0 <= errors <= requests:
                raise _Odd
            counts[pod] = (requests, errors)
        timed: int = 0
        slower: tuple[int, ...] = ()
        if latency is not None and latency.get(name):
            timed, slower = _slower(latency[name], bounds)
        arms[arm] = Arm(counts, timed, slower, _lines(lines.get(name) or {}, counts, scenario))
    if known != len(found):
        raise _Odd
    return Tick(
        at=at,
        seconds=_seconds(found.get("seconds"), scenario),
        arms=arms,
        bounds_ms=scenario.bounds_ms if latency is not None else (),
    )


def _seconds(told: Any, scenario: Scenario) -> float:
    if told is None:
        return scenario.tick_s
    seconds = float(told)
    if not 0 < seconds < inf:
        raise _Odd
    return seconds


def _lines(
    pods: Mapping[str, Any], counts: Mapping[str, Any], scenario: Scenario
) -> Mapping[str, Mapping[str, int]]:
    """Return what each check counted in each pod."""
    if not pods:
        return {}
    if not pods.keys() <= counts.keys():
        raise _Odd
    found = {}
    for pod, checks in pods.items():
        lines = {}
        for check, number in checks.items():
            bad = int(number)
            if bad != number or bad < 0 or check not in scenario.lines:
                raise _Odd
            lines[check] = bad
        found[pod] = lines
    return found


def _odd_sample(check: str, values: Any, scenario: Scenario) -> bool:
    """Tell whether a sample cannot be one; NaN and infinity are what sources say now and then."""
    if check not in scenario.gauges or not isinstance(values, Mapping):
        return True
    return any(arm not in ARMS or not _number(value) for arm, value in values.items())


def _slower(pods: Mapping[str, Any], bounds: int) -> tuple[int, tuple[int, ...]]:
    """Return (requests, how many were slower than each bound) of buckets of all pods."""
    total = [0] * (bounds + 1)
    for buckets in pods.values():
        if len(buckets) != bounds + 1:
            raise _Odd
        for place, number in enumerate(buckets):
            count = int(number)
            if count != number or count < 0:
                raise _Odd
            total[place] += count
    beyond, slower = 0, []
    for number in reversed(total[1:]):
        beyond += number
        slower.append(beyond)
    return sum(total), tuple(reversed(slower))


# --- what is wrong -------------------------------------------------------------------------------


def _problems(found: Any, scenario: Scenario, where: str) -> Iterator[Problem]:
    if not isinstance(found, Mapping):
        yield Problem(where, f"{_told(found)}; wanted a dict such as {EXAMPLE}")
        return
    for name in found:
        if name not in ARMS and name not in BESIDE:
            beside = f"{', '.join(BESIDE[:-1])} or {BESIDE[-1]} beside them"
            known = f"{', '.join(ARMS)}; or {beside}"
            yield Problem(where, f"unknown arm {name!r}; wanted {known}")
    for name in ARMS:
        yield from _arm(found.get(name), f"{where}: {name}")
    yield from _beside(found, scenario, where)
    latency = found.get("latency")
    if latency is None:
        return
    if not isinstance(latency, Mapping):
        wanted = "wanted for each arm its pods, each with counts of the buckets"
        yield Problem(f"{where}: latency", f"{_told(latency)}; {wanted}")
        return
    for name in latency:
        place = f"{where}: latency of {name}"
        if name not in ARMS:
            yield Problem(place, f"unknown arm; wanted {', '.join(ARMS)}")
        yield from _latency(latency[name], scenario, place)


def _beside(found: Mapping[str, Any], scenario: Scenario, where: str) -> Iterator[Problem]:
    seconds = found.get("seconds")
    if seconds is not None and not (_number(seconds) and 0 < seconds < inf):
        yield Problem(f"{where}: seconds", f"{_told(seconds)}; wanted how long the tick was")
    for key, known in (("lines", scenario.lines), ("samples", scenario.gauges)):
        told = found.get(key)
        if told and not isinstance(told, Mapping):
            wanted = LINES if key == "lines" else SAMPLES
            yield Problem(f"{where}: {key}", f"{_told(told)}; wanted such as {wanted}")
        elif told:
            yield from (_odd_lines if key == "lines" else _odd_samples)(
                told, found, known, f"{where}: {key}"
            )


def _odd_lines(
    told: Mapping[str, Any], found: Mapping[str, Any], known: Sequence[str], where: str
) -> Iterator[Problem]:
    for arm, pods in told.items():
        place = f"{where} of {arm}"
        if arm not in ARMS:
            yield Problem(place, f"unknown arm; wanted {', '.join(ARMS)}")
            continue
        if pods and not isinstance(pods, Mapping):
            yield Problem(place, f"{_told(pods)}; wanted its pods, each with its checks")
            continue
        counted = found.get(arm)
        for pod, checks in (pods or {}).items():
            if not isinstance(counted, Mapping) or pod not in counted:
                yield Problem(f"{place}: {pod}", "no such pod in the tick")
            elif not isinstance(checks, Mapping):
                yield Problem(f"{place}: {pod}", f"{_told(checks)}; wanted its checks")
            else:
                yield from _odd_checks(checks, known, f"{place}: {pod}")


def _odd_checks(checks: Mapping[str, Any], known: Sequence[str], where: str) -> Iterator[Problem]:
    for check, number in checks.items():
        if check not in known:
            yield Problem(where, f"unknown check {check!r}; LINES names {_list(known)}")
        elif not _whole(number):
            wanted = "wanted a whole number, 0 or more"
            yield Problem(where, f"{_told(number)} requests of {check}; {wanted}")


def _odd_samples(
    told: Mapping[str, Any], _: Mapping[str, Any], known: Sequence[str], where: str
) -> Iterator[Problem]:
    for check, values in told.items():
        if check not in known:
            yield Problem(where, f"unknown check {check!r}; GAUGES names {_list(known)}")
        elif not isinstance(values, Mapping):
            yield Problem(f"{where}: {check}", f"{_told(values)}; wanted a number for each arm")
        else:
            for arm, value in values.items():
                if arm not in ARMS or not _number(value):
                    wanted = f"wanted a number for {', '.join(ARMS)}"
                    yield Problem(f"{where}: {check}: {arm}", f"{_told(value)}; {wanted}")


def _list(known: Sequence[str]) -> str:
    return ", ".join(known) or "none"


def _arm(pods: Any, where: str) -> Iterator[Problem]:
    if not pods:
        return
    if not isinstance(pods, Mapping):
        yield Problem(where, f'{_told(pods)}; wanted its pods, such as {{"s0": (950, 1)}}')
        return
    for pod, counts in pods.items():
        place = f"{where}: {pod}"
        if not isinstance(counts, Sequence) or len(counts) != _PAIR:
            yield Problem(place, f"{_told(counts)}; wanted (requests, errors)")
            continue
        faults = [
            f"{_told(number)} {what}; wanted a whole number, 0 or more"
            for number, what in zip(counts, ("requests", "errors"), strict=True)
            if not _whole(number)
        ]
        if not faults and counts[1] > counts[0]:
            faults.append(f"{counts[1]} errors in {counts[0]} requests; wanted at most as many")
        for fault in faults:
            yield Problem(place, fault)


def _latency(pods: Any, scenario: Scenario, where: str) -> Iterator[Problem]:
    if not isinstance(pods, Mapping):
        yield Problem(where, f"{_told(pods)}; wanted its pods, each with counts of the buckets")
        return
    wanted = len(scenario.bounds_ms) + 1
    for pod, buckets in pods.items():
        place = f"{where}: {pod}"
        try:
            counts = list(buckets)
        except TypeError:
            yield Problem(place, f"{_told(buckets)}; wanted {wanted} counts")
            continue
        if len(counts) != wanted:
            layout = f"one for each of {wanted - 1} bounds and one beyond the last"
            yield Problem(place, f"{len(counts)} counts; wanted {wanted}, {layout}")
        for number in counts:
            if not _whole(number):
                yield Problem(place, f"{_told(number)} requests; wanted a whole number, 0 or more")
                break


def _whole(number: Any) -> bool:
    try:
        return bool(int(number) == number and number >= 0)
    except (TypeError, ValueError, OverflowError):
        return False


def _number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(value, bool | str)


def _told(found: Any) -> str:
    text = repr(found)
    text = text if len(text) <= len(EXAMPLE) else f"{text[: len(EXAMPLE)]}…"
    number = isinstance(found, int | float)
    return text if number else f"{text} ({type(found).__name__})"
