from serinus.core.state.counts import Arm


def test_an_arm_adds_up_its_replicas() -> None:
    arm = Arm({"a-0": (90, 1), "a-1": (10, 2)})

    assert (100, 3) == (arm.requests, arm.errors)


def test_an_arm_without_replicas_did_nothing() -> None:
    assert (0, 0) == (Arm({}).requests, Arm({}).errors)
