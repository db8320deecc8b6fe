"""What became of a replay is plain data."""

import msgspec

from serinus.lab import replay
from serinus.lab.replayed import Replayed
from tests.lab.recordings import canary, drawn


def test_it_goes_through_json_and_comes_back_the_same() -> None:
    found = replay.play(canary(50), drawn())

    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Replayed)


def test_what_lost_its_traffic_is_caught() -> None:
    found = replay.play(canary(50), drawn(errors=0.2))

    assert found.caught
    assert not msgspec.structs.replace(found, off_s=None).caught
