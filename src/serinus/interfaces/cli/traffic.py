"""What somebody says of the traffic to plan for: numbers, or questions to a metric source."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from serinus.app import inquiry
from serinus.app.basis import Given
from serinus.core.spec import percent
from serinus.core.state.notice import Key
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports.metrics import Metrics

FASTEST = 1e7
MOST = 10_000
HINT = "serinus plan APP --rate 100 --base-errors 0.1%"


@Parameter(name="*")
@dataclass(frozen=True)
class Traffic:
    """What to reckon with in place of what was counted."""

    rate: Annotated[
        str | None,
        Parameter(help="Requests a second: 100. Or a query to a source: prometheus:sum(…)."),
    ] = None
    base_errors: Annotated[
        str | None, Parameter(help="How many of stable's requests fail: 0.1%. Or a query.")
    ] = None
    slow: Annotated[str | None, Parameter(help="How many of them are slow: 1%. Or a query.")] = None
    replicas: Annotated[int | None, Parameter(help="How many replicas stable has.")] = None

    def check(self) -> None:
        """Say all that is wrong with it, before anything is asked."""
        wrong = [
            f"{name} {problem}"
            for name, text, read in self._options()
            if text is not None
            for problem in _problems(text, read)
        ]
        if self.replicas is not None and not 1 <= self.replicas <= MOST:
            wrong.append(f"--replicas {self.replicas}: want 1 to {MOST:,}")
        if wrong:
            raise Trouble(
                "the traffic to plan for is not possible",
                why="\n".join(wrong),
                hint=HINT,
                code=Code.USAGE,
            )

    async def given(self, key: Key, metrics: Callable[[], Metrics], now: datetime) -> Given:
        """Return it, with what the metric sources say."""
        self.check()
        numbers: list[float | None] = []
        sources: list[str] = []
        for name, text, read in self._options():
            asked = None if text is None else inquiry.read(text)
            if text is None or asked is None:
                numbers.append(None if text is None else read(text))
                sources.append("")
                continue
            found = await inquiry.ask(name, asked, key, metrics(), now)
            try:
                numbers.append(read(repr(found)) if name == "--rate" else _part(found))
            except ValueError as problem:
                raise Trouble(f"{name}: {asked.source} says {found:g}", why=str(problem)) from None
            sources.append(asked.source)
        rate, errors, slow = numbers
        return Given(rate, errors, slow, self.replicas, sources=tuple(sources))

    def _options(self) -> tuple[tuple[str, str | None, Callable[[str], float]], ...]:
        return (
            ("--rate", self.rate, _rate),
            ("--base-errors", self.base_errors, _share),
            ("--slow", self.slow, _share),
        )


def _problems(text: str, read: Callable[[str], float]) -> Iterator[str]:
    asked = inquiry.read(text)
    if asked is not None:
        problem = inquiry.wrong(asked)
        if problem:
            yield f"{text}: {problem}"
        return
    try:
        read(text)
    except ValueError as problem:
        yield f"{text}: {problem}"


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= FASTEST:
        raise ValueError(f"want requests a second, above 0 and at most {FASTEST:,.0f}")
    return found


def _share(text: str) -> float:
    return _part(float(percent.parse(text)))


def _part(found: float) -> float:
    if not 0.0 <= found <= 1.0:
        raise ValueError("want 0% to 100%; a source says it as a fraction, 0 to 1")
    return found
