from serinus.lab import shelf


def test_every_scenario_that_ships_is_in_one_set() -> None:
    files = {path.stem for path in shelf.FOLDER.glob("[!_]*.py")}

    named = [one.name for ones in shelf.sets().values() for one in ones]

    assert sorted(files) == sorted(named)


def test_the_counts_are_22_nulls_and_22_regressions() -> None:
    numbers = {one.name[:3]: one.kind for one in shelf.sets()["counts"]}

    nulls = {f"n{place:02}": "null" for place in range(1, 23)}
    regressions = {f"a{place:02}": "regression" for place in range(1, 23)}
    assert nulls | regressions == numbers


def test_the_unseen_are_nulls_and_what_goes_by_age_is_a_regression() -> None:
    sets = shelf.sets()

    assert {"null"} == {one.kind for one in sets["unseen"]}
    assert {"regression"} == {one.kind for one in sets["age"]}
    assert {5, 10, 15, 60} == {one.tick_s for one in sets["unseen"]}
    assert {0, 3600} == {one.history_s for one in sets["unseen"]}


def test_a_letter_belongs_to_one_set() -> None:
    letters = "".join(shelf.SETS.values())

    assert len(letters) == len(set(letters))
