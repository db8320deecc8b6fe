"""Ticks for rules: so many requests of each arm, so many of them bad, minute after minute."""

from collections.abc import Iterator, Sequence

from serinus.core.state.counts import Arm, Tick

BEGIN = 1000.0
Pair = tuple[int, int]


def tick(at: float, own: Pair = (0, 0), stable: Pair = (0, 0), slow: int | None = None) -> Tick:
    """Make a tick of five seconds that ends ``at`` after the beginning."""
    candidate = Arm({"c0": own})
    if slow is not None:
        candidate = Arm({"c0": own}, timed=own[0], slower=(slow, 0))
    return Tick(
        at=BEGIN + at,
        seconds=5.0,
        arms={"candidate": candidate, "stable": Arm({"s0": stable})},
        bounds_ms=() if slow is None else (500, 1000),
    )


def minutes(
    own: Sequence[Pair],
    stable: Sequence[Pair] = (),
    slow: Sequence[int] = (),
    first: int = 0,
) -> Iterator[Tick]:
    """Make the twelve ticks of each minute; what happens in a minute happens in its first tick."""
    for number, pair in enumerate(own):
        begun = 60.0 * (first + number)
        yield tick(
            begun + 5,
            pair,
            stable[number] if stable else (0, 0),
            slow[number] if slow else None,
        )
        for place in range(2, 13):
            yield tick(begun + 5 * place)
