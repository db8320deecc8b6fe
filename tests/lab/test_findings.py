import msgspec

from serinus.lab import findings
from serinus.lab.bench import Found
from serinus.lab.findings import Findings
from tests.lab import results


def test_findings_go_through_json_and_come_back() -> None:
    found = results.usual()

    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Findings)


def test_so_few_runs_are_named_with_what_they_cannot_show() -> None:
    assert (
        "This is a short bench. 100 runs of each null are too few to show 1 %: a null in which "
        "nothing at all goes wrong has a 95 % upper bound of 3 %. The full bench has 2,000."
    ) == results.usual().short
    assert "" == findings.short(2000)


def test_without_serinus_the_first_who_is_no_oracle_is_the_subject() -> None:
    asked = results.asked(names=("oracle", "oracle2", "E"))

    assert "E" == findings.of(asked, Found({}), "").subject


def test_sets_are_summed_up_one_by_one_where_there_are_several() -> None:
    assert {""} == {one.set for one in results.usual().overall}
    assert ("counts",) == results.usual().sets
