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


def far(name: str) -> bool:
    """Tell whether a command, or all commands below it, take --server."""
    below = catalogue.BELOW.get(name, ())
    lines = [[name, one] for one in below] or [[name]]
    app = dispatch.build()
    found = [
        any(
            "--server" in argument.names
            for argument in app[words[0]][words[1]].assemble_argument_collection()
        )
        if len(words) > 1
        else any(
            "--server" in argument.names for argument in app[name].assemble_argument_collection()
        )
        for words in lines
    ]
    assert len(set(found)) == 1
    return found[0]


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.ENTRIES])
def test_each_command_asks_a_dashboard_or_says_why_not_and_what_to_do(name: str) -> None:
    assert far(name) is (name not in catalogue.ALONE)


@pytest.mark.parametrize("name", catalogue.ALONE)
@pytest.mark.parametrize(
    "typed",
    ["--server http://127.0.0.1:1 --token s3cret", "--token=s3cret --server=http://[::1]:1"],
)
def test_a_command_that_asks_no_dashboard_says_so(name: str, typed: str) -> None:
    below = catalogue.BELOW.get(name, ())[:1]
    with pytest.raises(Trouble) as refused:
        dispatch.dispatch([name, *below, *typed.split()])

    assert f"{name} asks no dashboard, so --server means nothing to it" == str(refused.value)
    assert Code.USAGE == refused.value.code
    assert " ".join(["serinus", name, *below]) == refused.value.hint.partition("   ")[0]
    assert "s3cret" not in refused.value.why + refused.value.hint


def test_what_was_typed_beside_it_is_typed_again() -> None:
    with pytest.raises(Trouble) as refused:
        dispatch.dispatch(["delete", "shop", "--server", "http://127.0.0.1:1", "-m", "not needed"])

    assert (
        "serinus delete shop -m 'not needed'   (where the dashboard is served)"
        == refused.value.hint
    )


@pytest.mark.parametrize(
    "line", ["status --tokn=s3cret", "status --tokens=a=s3cret", "delete shop --token=s3cret"]
)
def test_a_value_of_an_option_that_there_is_not_is_not_repeated(line: str) -> None:
    with pytest.raises(Trouble, match="Unknown option: --tok") as refused:
        dispatch.dispatch(line.split())

    assert "s3cret" not in str(refused.value) + refused.value.why + refused.value.hint
