import msgspec
import pytest

from serinus.app import foresight
from serinus.app.basis import Basis, Known
from serinus.core.spec.delivery import AgainstSlo, Delivery, ErrorsCheck, Hold, TrafficStep
from tests.app.test_foresight import CANARY, foresee


def test_the_first_step_is_told_in_words() -> None:
    said = " ".join(foresee().sentences)

    assert "a total outage is seen after 5s, 5 failed requests; rolled back for good" in said
    assert "if every request is bad by latency, that is seen after 5s" in said
    assert "is shown to be safe after" in said
    assert "all steps take 20m at this traffic; everybody is served after 20m15s" in said


@pytest.mark.parametrize(
    ("rate", "warning"),
    [
        (1.0, "at 1 request/s errors sees only regressions above 2.3 % in 20m"),
        (0.01, "at 0.01 requests/s errors cannot even see an outage in 20m"),
        (3.0, "longer than the steps (20m): it ends unverified"),
    ],
)
def test_what_the_plan_cannot_do_is_a_warning(rate: float, warning: str) -> None:
    assert any(warning in one for one in foresee(rate).warnings)


def test_enough_traffic_needs_no_warning() -> None:
    assert () == foresee(1000.0).warnings


def test_slow_ticks_and_a_quiet_hour_are_told() -> None:
    slow = msgspec.structs.replace(CANARY, every_s=60.0)

    assert "counters are read every 1m, longer than 15s" in " ".join(foresee(1000.0, slow).warnings)
    quiet = foresee(1000.0, low=3.21, high=2000.0)
    assert "in the quietest hour of the last day there were 3.21/s" in " ".join(quiet.warnings)


def test_an_objective_that_the_plan_cannot_see_is_told() -> None:
    objective = ErrorsCheck("objective", AgainstSlo(0.005), weight=0.25)
    both = msgspec.structs.replace(CANARY, checks=(CANARY.checks[0], objective))
    known = {"errors": Known(0.001), "objective": Known(0.001)}

    def told(rate: float) -> str:
        return " ".join(foresight.foresee(both, Basis(rate, known), 3).warnings)

    assert "is above the objective objective, 0.5 %" in told(1.0)
    assert "is above the objective" not in told(1000.0)


def test_safety_that_stable_itself_does_not_have_cannot_be_shown() -> None:
    objective = (ErrorsCheck("errors", AgainstSlo(0.0005)),)
    found = foresee(delivery=msgspec.structs.replace(CANARY, checks=objective))

    assert found.verified is None
    assert "safety cannot be shown at all" in " ".join(found.warnings)


def test_a_step_that_is_over_before_its_outage_is_seen_is_told() -> None:
    steps = (TrafficStep(10, Hold(60)), TrafficStep(500, Hold(600)))
    short: Delivery = msgspec.structs.replace(CANARY, steps=steps)

    told = " ".join(foresee(0.5, short).warnings)

    assert "an outage that begins with step 1 is seen after" in told
    assert "and the step takes 1m" in told
    assert "step 2" not in told
