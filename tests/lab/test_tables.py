from serinus.lab import tables
from tests.lab import results


def test_the_targets_come_first() -> None:
    titles = [table.title for table in tables.every(results.usual())]

    assert ["Targets of serinus", "Everybody"] == titles[:2]


def test_every_row_has_a_cell_for_every_column() -> None:
    for table in tables.every(results.usual()):
        assert {len(table.header)} == {len(row) for row in table.rows}


def test_a_table_without_rows_is_left_out() -> None:
    titles = [table.title for table in tables.every(results.found(n=[results.PROMOTED]))]

    assert not [title for title in titles if "regression" in title.lower()]


def test_everybody_has_a_line_with_the_ratios_and_the_worst() -> None:
    table = tables.together(results.usual())

    assert (
        ("serinus", "2.01", "1.26", "2.11", "6.09", "1 %", "1 %", "1 %", "4.7 %", "0")
    ) == table.rows[0]


def test_nulls_are_told_with_their_bounds_and_marked_where_pods_misbehave() -> None:
    table = tables.nulls_of(results.usual())

    assert [
        ("n", "100", "1 %", "4.7 %", "0 %", "3 %", "0.01", "0.5 min", "0.5 min", ""),
        ("p", "100", "0 %", "3 %", "10 %", "16 %", "0.30", "0.5 min", "0.5 min", "pods"),
    ] == table.rows


def test_regressions_are_told_by_how_they_end_and_what_they_cost() -> None:
    found = results.usual()

    assert [("a", "100", "98 %", "1 %", "1 %", "0 %", "0 %", "0 %", "1 %")] == tables.ends_of(
        found
    ).rows
    assert [
        ("a", "20.1", "2.01", "1.26", "21 s", "2.11", "1.06", "61 s", "6.09")
    ] == tables.costs_of(found).rows


def test_who_was_not_there_has_a_dash() -> None:
    assert ("a", "2.01", "1.60", "1.60") == tables.regressions(results.usual()).rows[0]
    assert ["–", "–", "–", "–"] == [
        write(None) for write in (tables.share, tables.ratio, tables.seconds, tables.minutes)
    ]
