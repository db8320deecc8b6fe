import pytest

from serinus.interfaces.cli import catalogue, dispatch
from serinus.interfaces.cli.trouble import Code, Trouble


def test_the_first_sentence_of_a_page_is_the_line_of_the_catalogue_or_says_more() -> None:
    app = dispatch.build()

    assert [] == [entry.name for entry in catalogue.ENTRIES if not app[entry.name].help]


def test_what_a_command_returns_is_the_exit_code() -> None:
    assert Code.OK == dispatch.dispatch(["version"])


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("template show", "serinus template show --help"),
        ("template ls --nope", "serinus template ls --help"),
        ("status --nope", "serinus status --help"),
    ],
)
def test_wrong_words_lead_to_the_page_of_the_command(line: str, hint: str) -> None:
    with pytest.raises(Trouble) as trouble:
        dispatch.dispatch(line.split())

    assert (hint, Code.USAGE) == (trouble.value.hint, trouble.value.code)
