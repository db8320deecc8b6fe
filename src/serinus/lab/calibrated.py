"""What stable's history says of a policy: values that the command line, tests and JSON show."""

import msgspec


class Share(msgspec.Struct, frozen=True):
    """How often something happened in A/A releases, with 95 % bounds; all fractions."""

    found: int
    share: float
    low: float
    high: float


class Dispersion(msgspec.Struct, frozen=True):
    """
    How much bad requests clump on single replicas within ``seconds``; 1: not at all.

    ``phi`` None: nothing is known at this length. ``blocks``, ``bad``: what it was told from.
    """

    seconds: float
    phi: float | None
    blocks: int
    bad: int


class Luck(msgspec.Struct, frozen=True):
    """
    How often a replica of stable would have failed a probe for a regression to ``theta``.

    ``probes``: how many fresh replicas have to fail before it is the version and not bad luck;
    ``alarms``: how many a healthy release may have.
    """

    theta: float
    windows: int
    crossed: int
    probes: int
    alarms: int


class Detection(msgspec.Struct, frozen=True):
    """
    How soon a regression to ``theta`` is seen, in half of all releases; None: not within the plan.

    ``independent_s``: if bad requests came alone; ``judged_s``: with the dispersion that the judge
    uses; ``guarded_s``: with that of the longest blocks.
    """

    theta: float
    independent_s: float | None
    judged_s: float | None
    guarded_s: float | None


class Calibrated(msgspec.Struct, frozen=True):
    """
    A policy on a service's own traffic, in which nothing was released.

    ``runs`` A/A releases of ``window_s`` each, drawn from ``windows`` of them that do not overlap;
    ``alarms``: those with an alarm, ``ledgers``: those with evidence enough to give a release up.
    ``sees``: false-alarm rates above this would have shown at all. ``promised``: what the alarm
    promises for errors that come alone. ``judged_phi``: the dispersion that the judge uses,
    ``guard``: that of the longest blocks known: evidence has to be so many times as much.
    ``problem``: why there is no run.
    """

    application: str
    policy: str
    seed: int
    span_s: float
    known_s: float
    raw_s: float
    tick_s: float
    replicas: int
    requests: int
    bad: int
    rate: float
    window_s: float
    windows: int
    runs: int
    alarms: Share | None
    ledgers: Share | None
    sees: float | None
    promised: float
    dispersion: tuple[Dispersion, ...]
    judged_phi: float
    guard: float
    luck: tuple[Luck, ...]
    detection: tuple[Detection, ...]
    sentence: str
    problem: str = ""
    doubts: tuple[str, ...] = ()
