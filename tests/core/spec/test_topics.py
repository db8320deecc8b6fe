from serinus.core.spec.topics import ALL, Topic


def test_a_place_that_asks_for_nothing_in_particular_is_told_everything() -> None:
    assert {"retreat", "hold", "rollback", "failure", "success", "approval"} == ALL
    assert set(Topic) == ALL
