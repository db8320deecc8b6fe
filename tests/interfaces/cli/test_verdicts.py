import anyio
import msgspec
import pytest
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.local.store import Store
from serinus.app import views
from serinus.app.whys import Decided, Why
from serinus.core.state.explanation import (
    Asked,
    CheckExplained,
    Explanation,
    Forecast,
    LookExplained,
)
from serinus.core.state.verdict import ReplicaReading
from serinus.interfaces.cli import verdicts
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli

CHECK = CheckExplained(
    name="errors",
    kind="errors",
    against="stable",
    outcome="inconclusive",
    sentence="",
    weight=2 / 3,
    requests=541,
    bad=3,
    judged=541.0,
    stable_judged=9204.0,
    margin_ratio=1.5,
    margin_plus=0.001,
    margin=0.0026,
    evidence=3.0,
    unguarded=41.0,
    needed=15.0,
    threshold="alarm",
    safety=0.01,
    safety_needed=20.0,
    dispersion=2.4,
    asked=(Asked("candidate", "router", "rq_total"), Asked("stable", "router", "rq_total")),
    forecasts=(Forecast(event="alarm", share=0.012, seconds=40.0, sentence="soon"),),
)
LOOK = LookExplained(
    name="queue",
    kind="query",
    outcome="inconclusive",
    sentence="",
    count=7,
    evidence=2.0,
    needed=40.0,
    trouble="the source cannot be reached",
    asked=(Asked("candidate", "prometheus", "q{a}"), Asked("stable", "prometheus", "q{b}")),
)
REPLICAS = tuple(
    ReplicaReading("errors", f"shop-{n}", 50, n, float(n), current=n != 9) for n in range(10)
)
VERDICT = Explanation(
    at=builders.at(3),
    test="run",
    evidence=1.3,
    needed=10.0,
    threshold="alarm",
    test_requests=541,
    test_stable_requests=9204,
    carried="one of 3 replicas carries the evidence: shop-8",
    checks=(CHECK,),
    looks=(LOOK,),
    replicas=REPLICAS,
    forecasts=(Forecast(event="verified", share=None, seconds=360.0, sentence="verified soon"),),
    missing=("network: nobody counts it",),
)
DECIDED = Decided(
    at=builders.at(2),
    reason="Alarm",
    sentence="Taken back.",
    test="run",
    share=0.25,
    evidence=14.0,
    needed=10.0,
    threshold="alarm",
    accused="errors",
    requests=541,
    stable_requests=9204,
)
WHY = Why(
    why=("Not taken back.",), ledger=None, decided=False, verdict=VERDICT, decisions=(DECIDED,)
)


def plain(lines: list[tuple[str, Text]]) -> str:
    return "\n".join(f"{label:<10}{text.plain}" for label, text in lines)


def test_all_of_a_verdict_is_written(snapshot: SnapshotAssertion) -> None:
    said = [*verdicts.above(WHY)]
    for lines in verdicts.below(WHY).values():
        said += [(" ", text) for text in lines]

    assert snapshot == plain([*said, *verdicts.after(WHY)])


def test_of_one_check_its_replicas_alone_are_written() -> None:
    said = plain([*verdicts.after(WHY, only="errors")])

    assert said.startswith("pods      shop-8  errors: 8 bad of 50 requests, evidence 8.0:1\n")
    assert "and 2 more, which say less" in said
    assert "decided" not in said
    assert "" == plain([*verdicts.after(WHY, only="latency")])


def test_what_was_decided_without_evidence_is_written_without() -> None:
    none = msgspec.structs.replace(DECIDED, at=None, evidence=None)
    bare = msgspec.structs.replace(
        WHY,
        decided=True,
        verdict=msgspec.structs.replace(VERDICT, evidence=None),
        decisions=(none,),
    )
    said = plain([*verdicts.after(bare)])

    assert "evidence  " not in said
    assert "decided   Alarm: no evidence" in said


def test_a_promotion_is_written_with_how_safe_it_was() -> None:
    promoted = msgspec.structs.replace(
        DECIDED, reason="Promoting", evidence=0.4, safety=34.0, safety_needed=20.0
    )
    said = plain([*verdicts.after(msgspec.structs.replace(WHY, decisions=(promoted,)))])

    assert "run 0.4:1 of 10:1, and 34:1 of 20:1 that it is safe; 541 requests against" in said


def test_nothing_is_written_of_what_was_never_judged() -> None:
    nothing = Why(why=("First.",), ledger=None, decided=True, verdict=None, decisions=())

    assert [] == [*verdicts.above(None), *verdicts.after(None)]
    assert {} == verdicts.below(None) == verdicts.below(nothing)
    assert [] == [*verdicts.after(nothing)]
    assert "why       First." == plain([*verdicts.above(nothing)])


@pytest.mark.parametrize(
    "line", ["explain shop 6", "explain shop --release 6", "explain shop 6 --release 6"]
)
@pytest.mark.usefixtures("filled", "controller")
def test_a_release_is_named_by_its_number(cli: Cli, line: str) -> None:
    code, out, err = cli(line)

    assert (Code.OK, "") == (code, err)
    assert "release 6" in out
    assert "Only its last reading was kept" in out


@pytest.mark.usefixtures("filled", "controller")
def test_two_numbers_are_one_too_many(cli: Cli) -> None:
    code, _, err = cli("explain shop 6 --release 7")

    assert Code.USAGE == code
    assert "error: two releases are named, 6 and 7\n" in err
    assert "try:   serinus explain shop 6\n" in err


def test_programs_get_it_beside_the_release(filled: Store) -> None:
    view = anyio.run(views.explained, filled, SHOP, 6)

    assert view is not None
    assert view.why is not None
    assert view.why.decided
