import pytest

from serinus.core.planner import canary, evidence, finish, gates
from serinus.core.state.intent import Verb
from serinus.interfaces.web import acts, buttons


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("serinus resume", "“Resume”"),
        ("serinus next: 5 % of the traffic", "“Next step”: 5 % of the traffic"),
        ("serinus approve or serinus reject", "“Approve” or “Reject”"),
        ("serinus next -m REASON begins it now", "“Next step” with a reason begins it now"),
        ("ran serinus nextdoor", "ran serinus nextdoor"),
        ("serinus up", "serinus up"),
        ("step 4 begins", "step 4 begins"),
    ],
)
def test_commands_are_named_as_their_buttons_are(sentence: str, expected: str) -> None:
    assert expected == buttons.named(sentence)


@pytest.mark.parametrize("sentence", [canary.BURNING, evidence.HALTED, finish.DOUBTFUL, gates.PAST])
def test_no_command_is_left_in_what_the_program_says_comes_next(sentence: str) -> None:
    assert "serinus" in sentence
    assert "serinus" not in buttons.named(sentence)


def test_every_verb_of_a_release_has_a_button() -> None:
    assert set(Verb) - {Verb.DELETE} == set(acts.WORDS)
