"""The tables of a bench, as words: the terminal and the report write the same ones."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from serinus.lab import contenders, findings
from serinus.lab.findings import Findings
from serinus.lab.measures import Overall, Row
from serinus.lab.scenario import Kind
from serinus.lab.targets import percent

NO = "–"


class Table(NamedTuple):
    """A table: what it is about, its columns, its rows, and what else there is to say."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def every(found: Findings) -> Iterator[Table]:
    """Yield the tables, the one that matters most first; those with no rows are left out."""
    tables = (
        aims(found),
        together(found),
        by_set(found),
        nulls(found),
        nulls_of(found),
        regressions(found),
        ends_of(found),
        costs_of(found),
        missed(found),
    )
    yield from (table for table in tables if table.rows)


def aims(found: Findings) -> Table:
    """Return the targets."""
    rows = [(one.name, one.wanted, one.found, one.state.value) for one in found.targets]
    return Table(f"Targets of {found.subject}", ("measure", "wanted", "found", ""), rows)


def together(found: Findings) -> Table:
    """Return everybody beside everybody, over all scenarios."""
    header = (
        "",
        "bad ÷ oracle",
        "÷ oracle2",
        "off ÷ oracle",
        "end ÷ oracle",
        "missed",
        "worst",
        "false",
        "bound",
        "> 1 %",
    )
    rows = [_together(name, found.of(name)) for name in found.names]
    note = (
        "Over the regressions: geometric means of the ratios of bad requests, of the time until "
        "the candidate is without traffic and of the time until the end; the share that is missed. "
        "Over the nulls: the worst share of false rollbacks, its 95 % upper bound, and how many "
        "nulls are above 1 %."
    )
    left_out = max((one.without_ratio for one in found.overall), default=0)
    if left_out:
        note += f" {left_out} regressions tell no true shares: they have no ratios."
    return Table("Everybody", header, rows, note)


def _together(name: str, one: Overall) -> Sequence[str]:
    return (
        name,
        ratio(one.bad_ratio),
        ratio(one.bad_ratio2),
        ratio(one.off_ratio),
        ratio(one.final_ratio),
        share(one.missed),
        share(value(one.missed_worst)),
        share(value(one.rolled_back)),
        share(value(one.rolled_back_most)),
        str(one.above_one_percent) if one.nulls else NO,
    )


def by_set(found: Findings) -> Table:
    """Return the subject's numbers for each set; nothing where there is only one."""
    header = (
        "set",
        "nulls",
        "regressions",
        "bad ÷ oracle",
        "off ÷ oracle",
        "missed",
        "worst",
        "false",
        "held",
        "delay",
    )
    rows = []
    for place in found.sets if len(found.sets) > 1 else ():
        one = found.of(found.subject, place)
        held = known(one.held, one.held_with_pod_faults)
        late = known(one.delay_s, one.delay_with_pod_faults_s)
        rows.append(
            (
                place,
                str(one.nulls),
                str(one.regressions),
                ratio(one.bad_ratio),
                ratio(one.off_ratio),
                share(one.missed),
                share(value(one.missed_worst)),
                share(value(one.rolled_back)),
                share(max(held, default=None)),
                minutes(max(late, default=None)),
            )
        )
    note = "False, held and delay: those of the worst null."
    return Table(f"{found.subject} in each set", header, rows, note)


def nulls(found: Findings) -> Table:
    """Return the false rollbacks of everybody."""
    who = findings.others(found.names)
    rows = _matrix(found, Kind.NULL, who, lambda row: share(row.share(row.rolled_back)))
    return Table("False rollbacks, by null", ("null", *who), rows)


def nulls_of(found: Findings) -> Table:
    """Return all that is told of the subject on nulls."""
    header = ("null", "runs", "false", "bound", "held", "bound", "retreats", "delay", "p99", "")
    rows = [
        (
            row.scenario,
            f"{row.runs:,}",
            share(row.share(row.rolled_back)),
            share(row.rolled_back_most),
            share(row.share(row.held)),
            share(row.held_most),
            f"{row.retreats:.2f}",
            minutes(row.delay_s),
            minutes(row.delay_p99_s),
            " ".join(_marks(row)),
        )
        for row in _of(found, found.subject, Kind.NULL)
    ]
    note = (
        "Bounds are one-sided, 95 %, exact (Clopper–Pearson). Retreats are those of a release on "
        "average; delay is what a promoted release took longer than its plan, on average and in "
        "the worst of 100 releases. Pods: single pods misbehave, whatever their version."
    )
    return Table(f"{found.subject} on nulls", header, rows, note)


def _marks(row: Row) -> Iterator[str]:
    if row.pod_faults:
        yield "pods"
    if row.open:
        yield f"{row.open} unfinished"
    if row.falsely_verified:
        yield f"falsely verified {share(row.share(row.falsely_verified))}"


def regressions(found: Findings) -> Table:
    """Return the ratio of bad requests for everybody."""
    who = [name for name in found.names if name != contenders.ORACLE]
    rows = _matrix(found, Kind.REGRESSION, who, lambda row: ratio(row.bad_ratio))
    note = "–: the scenario does not tell what is true, or the oracle let no bad request through."
    return Table("Bad requests ÷ oracle, by regression", ("regression", *who), rows, note)


def ends_of(found: Findings) -> Table:
    """Return how the subject's regressions ended."""
    header = (
        "regression",
        "runs",
        "back",
        "held",
        "missed",
        "hidden",
        "healed",
        "open",
        "verified",
    )
    rows = [
        (
            row.scenario,
            f"{row.runs:,}",
            share(row.share(row.rolled_back)),
            share(row.share(row.held)),
            share(row.share(row.missed)),
            share(row.share(row.unverifiable)),
            share(row.share(row.healed)),
            share(row.share(row.open)),
            share(row.share(row.falsely_verified)),
        )
        for row in _of(found, found.subject, Kind.REGRESSION)
    ]
    note = (
        "Missed: promoted while still worse than allowed. Hidden: the same, but it was said that "
        "this service cannot be verified. Healed: promoted when it was not worse any more, for "
        "good. Verified: promoted as verified, although it is beyond the margin of promotion."
    )
    return Table(f"{found.subject} on regressions: how they end", header, rows, note)


def costs_of(found: Findings) -> Table:
    """Return what the subject's regressions cost."""
    header = ("regression", "bad", "×", "×2", "off", "×", "×2", "end", "×")
    rows = [
        (
            row.scenario,
            f"{row.bad:,.1f}",
            ratio(row.bad_ratio),
            ratio(row.bad_ratio2),
            seconds(row.off_s),
            ratio(row.off_ratio),
            ratio(row.off_ratio2),
            seconds(row.final_s),
            ratio(row.final_ratio),
        )
        for row in _of(found, found.subject, Kind.REGRESSION)
    ]
    note = (
        "Bad: failed requests of the candidate, on average. Off: seconds until it is without "
        "traffic; end: seconds until the release has ended; both from its first request on. "
        "×: as a multiple of the oracle's; ×2: of the two-sample oracle's."
    )
    return Table(f"{found.subject} on regressions: what they cost", header, rows, note)


def missed(found: Findings) -> Table:
    """Return what everybody missed: promoted while still worse than allowed."""
    rows = _matrix(found, Kind.REGRESSION, found.names, lambda row: share(row.share(row.missed)))
    return Table("Missed, by regression", ("regression", *found.names), rows)


def _of(found: Findings, by: str, kind: Kind) -> list[Row]:
    return [row for row in found.rows if row.by == by and row.kind is kind]


def _matrix(
    found: Findings, kind: Kind, who: Sequence[str], cell: Callable[[Row], str]
) -> list[Sequence[str]]:
    """Return a row for each scenario, with a column for each who decided."""
    cells = {(row.scenario, row.by): cell(row) for row in found.rows if row.kind is kind}
    names = dict.fromkeys(name for name, _ in cells)
    return [(name, *(cells.get((name, by), NO) for by in who)) for name in names]


# --- words ---------------------------------------------------------------------------------------


def value(found: tuple[float, str] | None) -> float | None:
    """Return the value of a worst one, without its scenario."""
    return None if found is None else found[0]


def known(*found: tuple[float, str] | None) -> list[float]:
    """Return the values of those worst ones that there are."""
    return [one[0] for one in found if one is not None]


def share(found: float | None) -> str:
    """Write a share."""
    return NO if found is None else percent(found)


def ratio(found: float | None) -> str:
    """Write a ratio."""
    return NO if found is None else f"{found:.2f}" if found < 100 else f"{found:.0f}"  # noqa: PLR2004  three digits


def seconds(found: float | None) -> str:
    """Write a time in seconds."""
    return NO if found is None else f"{found:,.0f} s"


def minutes(found: float | None) -> str:
    """Write a time in minutes."""
    return NO if found is None else f"{found / 60:.1f} min"
