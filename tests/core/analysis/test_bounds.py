from serinus.core.analysis import bounds

MS = (25, 50, 100, 250, 500, 1000)


def test_bounds_are_chosen_near_the_four_tails() -> None:
    assert bounds.choose(MS, 10_000, (9000, 5200, 900, 110, 18, 1)) == (50, 100, 250, 500)


def test_a_service_faster_than_every_bound_is_judged_by_the_first() -> None:
    assert bounds.choose(MS, 10_000, (0, 0, 0, 0, 0, 0)) == (25,)


def test_two_tails_may_share_a_bound() -> None:
    assert bounds.choose((100, 1000), 1000, (400, 5)) == (100, 1000)
