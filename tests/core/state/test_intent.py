from serinus.core.state.intent import Verb
from tests.builders import intent


def test_an_intent_expects_nothing_unless_it_says_so() -> None:
    assert (None, None, "") == (intent().expect_release, intent().expect_step, intent().reason)


def test_verbs_are_the_words_of_the_command_line() -> None:
    said = "pause resume next promote rollback retry approve reject delete"

    assert said.split() == [verb.value for verb in Verb]
