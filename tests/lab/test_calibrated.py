"""What a calibration says is plain data."""

import msgspec

from serinus.lab.calibrated import Calibrated
from tests.lab.test_calibrate import calibrated, past


def test_it_goes_through_json_and_comes_back_the_same() -> None:
    found = calibrated(past(1200), runs=2)

    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Calibrated)
