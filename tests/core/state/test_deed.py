import pytest

from serinus.core.state import deed
from serinus.core.state.deed import Deed
from serinus.core.state.intent import Verb
from tests import builders


@pytest.mark.parametrize("reason", ["", "too slow", "slow (very) – done: no", "two\nlines"])
@pytest.mark.parametrize("done", [True, False])
def test_what_is_told_is_read_back(reason: str, *, done: bool) -> None:
    intent = builders.intent(verb=Verb.ROLLBACK, actor="anna", reason=reason)

    told = deed.told(intent, "back at v1.", done=done)

    found = deed.read(told)
    assert found is not None
    assert ("anna", "rollback", done) == (found.actor, found.verb, found.done)
    if "–" not in reason:
        assert Deed("anna", "rollback", reason, done, "back at v1.") == found


def test_another_sentence_is_no_deed() -> None:
    assert deed.read("Step 3 of 4 began.") is None
