"""What a terminal shows of a forecast."""

import math

import msgspec
import pytest
from rich.text import Text

from serinus.app import foresight
from serinus.app.basis import Basis, Known
from serinus.app.foreseen import CheckForecast, Foresight, SizeView, StepView
from serinus.boot import catalogue
from serinus.interfaces.cli import foresights

CANARY = catalogue.delivery("canary-standard")
BASIS = Basis(
    98.2, {"errors": Known(0.0011), "latency": Known(0.01, 9, 2.0, 250)}, sentence="given"
)


def plain(lines: list[tuple[str, Text]]) -> str:
    return "\n".join(f"{label:<10}{text.plain}".rstrip() for label, text in lines)


def step(number: int, share: float, factor: float) -> StepView:
    return StepView(
        number=number,
        share=share,
        seconds=300.0,
        replicas=1,
        sizes=(
            SizeView(share=1.0, seconds=5.0, bad=1234.0 * share),
            SizeView(share=0.05, seconds=40.0 * factor, bad=2.0, decided=90.0, decided_bad=4.0),
            SizeView(share=0.01),
        ),
        smallest=0.012 * factor,
        curve=((0.02, None), (0.05, 40.0 * factor), (0.2, 12.0 * factor), (1.0, 5.0)),
    )


FOUND = Foresight(
    origin="from 3,600 s of stable's requests: 98.2/s, 0.11 % failed",
    rate=98.2,
    checks=(
        CheckForecast(
            name="errors",
            what="failed requests",
            base=0.0011,
            limit=0.0016,
            dispersion=1.7,
            steps=(step(0, 0.01, 5.0), step(1, 0.05, 3.0), step(2, 0.5, 1.0)),
        ),
        CheckForecast(name="latency", what="slow requests", problem="unknown: give --slow"),
    ),
    sentences=("a total outage is seen after 5s", "all steps take 10m"),
    warnings=("latency: unknown: give --slow",),
)


def test_a_forecast_is_a_table_sentences_and_warnings() -> None:
    assert """\
forecast  from 3,600 s of stable's requests: 98.2/s, 0.11 % failed
          when it is seen, counted from its begin with the step; smallest: by the end of the step
errors    failed requests: 0.11 % on stable, 0.16 % allowed, in clumps (φ̂ 1.7)
          step         for  outage       5 %           1 %       smallest
          a look, 1 %  5m   5s, 12 bad   3m20s, 2 bad  not seen  6 %
          5 %          5m   5s, 62 bad   2m, 2 bad     not seen  3.6 %
          50 %         5m   5s, 617 bad  40s, 2 bad    not seen  1.2 %
that is   a total outage is seen after 5s
          all steps take 10m
mind      latency: unknown: give --slow""" == plain(list(foresights.lines(FOUND)))


def test_a_terminal_gets_a_picture_with_a_mark_for_each_step() -> None:
    drawn = list(foresights.lines(FOUND, picture=True))[len(list(foresights.lines(FOUND))) :]

    assert """\
picture    outage  1················································
             50 %  ·····2·····1·····································
             20 %  ···········2··············1······················
             10 %  ···················2··············1··············
              5 %  ···························2·············1·······
                   5s                                          3m20s
                   begun with step 1 (5 %), 2 (50 %)""" == plain(drawn)


@pytest.mark.parametrize("rate", [1.0, 98.2, 2000.0])
def test_tables_and_picture_fit_beside_their_labels_into_80_columns(rate: float) -> None:
    found = foresight.foresee(CANARY, msgspec.structs.replace(BASIS, rate=rate), 3)
    drawn = list(foresights.lines(found, picture=True))

    rows = [text.plain for label, text in drawn if label in {" ", "picture"}]
    assert max(len(row) for row in rows if "  " in row) <= 70


def test_without_numbers_only_the_reason_is_shown() -> None:
    found = foresight.foresee(CANARY, Basis(), 3)

    ((label, text),) = foresights.lines(found, picture=True)
    assert "forecast" == label
    assert text.plain.startswith("unknown: no requests of this application were counted yet")


def test_nothing_is_drawn_of_what_nobody_sees() -> None:
    found = foresight.foresee(CANARY, Basis(0.001, {"errors": Known(0.001)}), 3)

    said = plain(list(foresights.lines(found, picture=True)))
    assert "not seen" in said
    assert "picture" not in said


def test_between_two_sizes_the_time_lies_between() -> None:
    curve = ((0.01, None), (0.1, 100.0), (1.0, 10.0))

    assert 100 == foresights.when(curve, 0.1)
    assert foresights.when(curve, 0.1 * math.sqrt(10)) == pytest.approx(100 / math.sqrt(10))
    assert foresights.when(curve, 0.05) is None
    assert foresights.when(curve, 0.005) is None
