from serinus.boot import groups


def test_the_one_thing_that_went_wrong_is_told_alone() -> None:
    problem = ValueError("it")

    assert problem is groups.only(BaseExceptionGroup("tasks", [ExceptionGroup("more", [problem])]))


def test_several_stay_together() -> None:
    both = ExceptionGroup("tasks", [ValueError("one"), ValueError("two")])

    assert both is groups.only(both)
