import msgspec

from serinus.core.state.gates import GateAnswer, Opening, Question
from tests.builders import at

QUESTION = Question(
    "q", "https://ci.example.com/t", "shop", "local", 7, 2, "v2", "v1", 0.25, "smoke"
)


def test_a_question_names_its_key_and_never_holds_it() -> None:
    assert "smoke" == QUESTION.secret
    assert QUESTION == msgspec.json.decode(msgspec.json.encode(QUESTION), type=Question)


def test_an_answer_is_one_of_four() -> None:
    assert ["open", "wait", "refused", "error"] == [opening.value for opening in Opening]
    assert "" == GateAnswer("q", Opening.OPEN, at(0)).sentence
