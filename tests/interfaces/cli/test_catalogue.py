import re

from serinus.interfaces.cli import catalogue
from serinus.interfaces.cli.trouble import Code


def test_every_command_has_one_line_that_is_a_sentence() -> None:
    assert [] == [e.name for e in catalogue.ENTRIES if not e.summary.endswith(".")]
    assert [] == [e.name for e in catalogue.ENTRIES if len(e.summary) > 66]
    assert len(catalogue.ENTRIES) == len({entry.name for entry in catalogue.ENTRIES})


def test_every_exit_code_is_told() -> None:
    told = {code for code, _ in catalogue.CODES}

    assert {code.value for code in Code} - {Code.INTERRUPTED.value} == told


def test_what_the_page_says_is_a_command_is_one() -> None:
    listed = re.findall(r"^  ([a-z]+) +[A-Z]", catalogue.page(), re.MULTILINE)

    assert [entry.name for entry in catalogue.ENTRIES] == listed
