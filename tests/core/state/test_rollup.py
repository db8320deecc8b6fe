from serinus.core.state import rollup


def test_a_moment_belongs_to_the_window_that_it_closes() -> None:
    assert [60, 60, 120] == [rollup.slot(at, rollup.MINUTE_S) for at in (0.5, 60.0, 60.1)]
    assert [3600, 7200] == [rollup.slot(at, rollup.HOUR_S) for at in (3600, 3660)]
