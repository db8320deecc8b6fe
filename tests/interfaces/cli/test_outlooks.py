"""What a terminal shows of plans and templates."""

from rich.text import Text

from serinus.app.exposure import Exposure, Met
from serinus.app.prospect import ParameterView, Prospect, StageView, TemplateView, Value
from serinus.interfaces.cli import outlooks

STAGES = (
    StageView("replicas start", 0.0, 0.0, 15.0, ("readiness",)),
    StageView("1 % of the traffic", 0.01, 15.0, 60.0),
    StageView("promotion", 1.0, 75.0, 0.0),
)


def plain(lines: list[tuple[str, Text]]) -> str:
    return "\n".join(f"{label:<10}{text.plain}".rstrip() for label, text in lines)


def test_a_prospect_draws_its_timeline_and_tells_where_values_are_from() -> None:
    found = Prospect(
        application="shop",
        environment="local",
        version="v2",
        replicas=3,
        host="shop.localhost",
        template="canary-standard 1.0.0",
        strategy="canary",
        fastest=75.0,
        stages=STAGES,
        checks=("errors: few",),
        values=(Value("bake", "1m", "application"), Value("start", "1%", "template default")),
        problems=("shop.yaml:3: warning: bold",),
        asides=("users stay on their side for 30d, by a cookie",),
        exposure=Exposure(
            sentence="≈ 600 requests meet it.",
            stages=(
                Met(seconds=15.0, share=0.0),
                Met(seconds=60.0, share=0.01, sentence="≈ 600 requests by the end of step 1"),
                Met(seconds=0.0, share=1.0),
            ),
        ),
    )

    assert """\
          shop · local · v2
how       canary-standard 1.0.0 (canary)
replicas  3, at http://shop.localhost:8080
fastest   1m15s until it serves everybody, if nothing makes it wait
timeline      0s  ░░░░░░░░░░░░░░░░░░░░░░░░  replicas start  15s  waits for readiness
             15s  █░░░░░░░░░░░░░░░░░░░░░░░  1 % of the traffic  1m
           1m15s  ████████████████████████  promotion
exposure  ≈ 600 requests meet it.
          ≈ 600 requests by the end of step 1
checks    errors: few
beside    users stay on their side for 30d, by a cookie
values    bake   1m  from application
          start  1%  from template default
warnings  shop.yaml:3: warning: bold""" == plain(outlooks.prospect(found, 8080))


def test_a_template_tells_what_can_be_set_and_within_which_bounds() -> None:
    parameters = (
        ParameterView(name="start", title="First", default="1%", kind="percent", maximum="5%"),
        ParameterView(name="who", title="", default=None, kind="string", enum=("a", "b")),
    )
    found = TemplateView(
        name="mine",
        version="1.0.0",
        title="Mine",
        about="",
        promise="",
        not_for="",
        strategy="canary",
        parameters=parameters,
        fastest=0.0,
        stages=(),
    )

    assert """\
          mine 1.0.0
what      Mine
set       start  1%  First  (percent, at most 5%)
          who    no default    (string, one of a, b)""" == plain(outlooks.template(found))


def test_a_test_that_promotes_nobody_says_when_it_is_over() -> None:
    half = (StageView("50 % of the users", 0.5, 15.0, 60.0), StageView("it is over", 0.0, 75.0, 0))

    assert "1m15s until the test is over, if nothing makes it wait" == outlooks.fastest(75, half)
