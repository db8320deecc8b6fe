from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, replica, revision


def test_ten_digits_tell_revisions_and_replicas_apart() -> None:
    assert NEW[:10] == revision().short
    assert f"{NEW[:10]}-3" == replica(NEW, 3).name


def test_states_are_words() -> None:
    assert "backing off" == ReplicaState.BACKING_OFF.value
