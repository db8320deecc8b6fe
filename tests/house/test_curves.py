"""The drawings of templates show what is no share as what it is."""

from xml.etree import ElementTree as ET

import pytest

from scripts.generators import curves
from serinus.core.spec import timeline
from serinus.core.spec.delivery import (
    Approval,
    Delivery,
    Hold,
    MatchStep,
    MirrorStep,
    PreviewStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.requests import Condition, Match, Part

BETA = Match((Condition(Part.HEADER, "x-beta", "<&>"),))
MINUTE = Hold(60)


def drawn(*steps: Step, strategy: Strategy = Strategy.BLUE_GREEN) -> str:
    return curves.curve("A < B", timeline.timeline(Delivery(strategy, steps)))


def heights(svg: str, kind: str) -> list[float]:
    drawing = ET.fromstring(svg)  # noqa: S314 - our own drawing, made a moment ago
    nodes = drawing.iter("{http://www.w3.org/2000/svg}rect")
    return [float(node.attrib["height"]) for node in nodes if node.get("class") == kind]


def test_copies_are_as_high_as_their_part_and_a_preview_is_a_band() -> None:
    svg = drawn(MirrorStep(500, hold=MINUTE), PreviewStep(hold=MINUTE), SwitchStep(), SettleStep())
    whole = curves.HEIGHT - curves.TOP - curves.BOTTOM

    assert [whole / 2] == heights(svg, "mirror")
    assert [curves.BAND] == heights(svg, "preview")
    assert ">copies</text>" in svg
    assert 'class="share"' in svg


def test_a_test_that_promotes_nobody_shows_its_cohort_and_no_share() -> None:
    svg = drawn(
        MatchStep(share=500, hold=MINUTE),
        MatchStep((BETA,), hold=MINUTE),
        strategy=Strategy.AB_TEST,
    )
    whole = curves.HEIGHT - curves.TOP - curves.BOTTOM

    assert [whole / 2, curves.BAND] == heights(svg, "match")
    assert 'class="share"' not in svg


@pytest.mark.parametrize("gates", [(), (Approval(),)])
def test_a_gate_is_a_line(gates: tuple[Approval, ...]) -> None:
    svg = drawn(TrafficStep(500, MINUTE, gates), strategy=Strategy.CANARY)

    assert len(gates) == svg.count('class="gate"')
