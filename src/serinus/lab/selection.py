"""
Which scenarios a bench plays: sets of the shelf, a folder of the user's own, or some of both.

A selection is a value that every process of a bench can be sent; the scenarios themselves are
generators and cannot.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serinus.core.errors import Problem, SpecError
from serinus.lab import scenario, shelf
from serinus.lab.bench import Sets

ALL, NONE = "all", "none"


@dataclass(frozen=True)
class Selection:
    """``sets``: names of sets, or all, or none. ``only``: names of scenarios, all when empty."""

    sets: tuple[str, ...] = ("counts",)
    folder: Path | None = None
    only: tuple[str, ...] = ()

    def __call__(self) -> Sets:
        """Load the scenarios. Raises SpecError with all that is wrong with them."""
        problems = list(self._unknown_sets())
        if self.folder is not None and not self.folder.is_dir():
            problems.append(Problem(str(self.folder), "no such folder; wanted one of scenarios"))
        if problems:
            raise SpecError(problems)
        wanted = list(shelf.SETS) if ALL in self.sets else list(self.sets)
        ours = shelf.sets() if set(wanted) - {NONE} else {}
        found = {name: ours[name] for name in wanted if name != NONE}
        if self.folder is not None:
            name = self.folder.resolve().name
            mine = scenario.folder(self.folder)
            found[f"{name}/" if name in found else name] = mine
        problems = [*_twice(found), *self._unknown(found)]
        if problems:
            raise SpecError(problems)
        return {
            name: tuple(one for one in ones if not self.only or one.name in self.only)
            for name, ones in found.items()
        }

    def _unknown_sets(self) -> Iterator[Problem]:
        known = (*shelf.SETS, ALL, NONE)
        for name in self.sets:
            if name not in known:
                yield Problem("set", f"{name!r}; wanted any of {', '.join(known)}")

    def _unknown(self, found: Sets) -> Iterator[Problem]:
        known = sorted(one.name for ones in found.values() for one in ones)
        for name in self.only:
            if name not in known:
                close = [one for one in known if one.startswith(name[:1])] or known
                yield Problem("only", f"no scenario {name!r}; there are {', '.join(close)}")
        if not known:
            yield Problem("set", "no scenario is asked for; wanted a set, or a folder of them")


def _twice(found: Sets) -> Iterator[Problem]:
    names = Counter(one.name for ones in found.values() for one in ones)
    for name, number in names.items():
        if number > 1:
            yield Problem(name, f"{number} scenarios have this name; wanted one: rename a file")
