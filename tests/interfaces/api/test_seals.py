from hypothesis import given
from hypothesis import strategies as st

from serinus.interfaces.api import seals
from serinus.interfaces.api.seals import Seals

OURS = Seals(b"k" * 32)


@given(purpose=st.text(), text=st.text())
def test_what_was_sealed_is_opened_again(purpose: str, text: str) -> None:
    if "\n" not in purpose:
        assert text == OURS.opened(purpose, OURS.seal(purpose, text))


def test_a_seal_for_one_purpose_opens_nothing_else() -> None:
    sealed = OURS.seal("session", "ada")

    assert OURS.opened("link", sealed) is None
    assert Seals(seals.key()).opened("session", sealed) is None


@given(st.text())
def test_anything_else_is_not_opened(text: str) -> None:
    assert OURS.opened("session", text) is None


def test_the_name_of_a_key_is_stable_and_its_own() -> None:
    assert Seals(b"k" * 32).name == OURS.name
    assert Seals(b"l" * 32).name != OURS.name
