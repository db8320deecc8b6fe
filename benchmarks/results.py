"""What a benchmark finds: one number each, with the bound that the project promises."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """
    One number. ``limit``: at most so much, None for a number that only informs.

    ``failed``: the module said by its exit code that it missed, and printed its numbers itself.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    failed: bool = False

    @property
    def ratio(self) -> float | None:
        """Return the value as a part of its limit, None without one."""
        return None if not self.limit else self.value / self.limit

    @property
    def ok(self) -> bool:
        """Tell whether the limit is kept; what only informs is always well."""
        return not self.failed and (self.limit is None or self.value <= self.limit)


def table(results: Sequence[Result]) -> str:
    """Write the results below each other: name, value, bound, ratio of the two, and whether ok."""
    width = max([len(one.name) for one in results] + [4])
    lines = [f"{'name':<{width}} {'value':>11} {'':<5} {'bound':>9} {'ratio':>6}  ok"]
    for one in results:
        bound = "" if one.limit is None else f"{one.limit:g}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        said = "no" if not one.ok else "" if one.limit is None else "yes"
        lines.append(
            f"{one.name:<{width}} {one.value:>11,.3f} {one.unit:<5} {bound:>9} {ratio:>6}  {said}"
        )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def tell(results: Sequence[Result]) -> int:
    """Print the table; return the exit code: 1 when a limit is missed."""
    sys.stdout.write(table(results))
    return int(not all(one.ok for one in results))
