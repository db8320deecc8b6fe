"""A calibration as lines of text."""

import msgspec

from serinus.interfaces.cli import calibrations
from serinus.lab.calibrated import Calibrated, Detection
from tests.lab.test_calibrate import calibrated, past


def text(found: Calibrated) -> str:
    return "\n".join(f"{label:<10}{line.plain}" for label, line in calibrations.lines(found))


def test_clumps_that_the_judge_does_not_count_with_are_left_to_probes() -> None:
    found = text(calibrated(past(replicas=2, hiccup_s=60), runs=2))

    assert "longer blocks ask for" in found
    assert "probes on fresh replicas" in found


def test_what_is_not_kept_so_finely_is_not_known() -> None:
    assert "within 5s: not known" in text(calibrated(past(tick_s=60.0), runs=1))


def test_how_soon_a_regression_is_seen_is_told_three_times() -> None:
    found = calibrated(past(1200), runs=1)
    seen = msgspec.structs.replace(found, detection=(Detection(0.01, 60.0, 90.0, None),))

    assert (
        "1 % failing: 1m if failures came alone, 1m30s as judged, "
        "not in the plan with the longer guard" in text(seen)
    )
