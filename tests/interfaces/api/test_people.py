import pytest

from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person, Right

SHOP = Key("shop", "prod-eu")


@pytest.mark.parametrize("verb", Verb)
def test_whoever_has_every_right_may_do_everything(verb: Verb) -> None:
    assert "" == people.lacks(Person("ada"), verb, SHOP)


@pytest.mark.parametrize("verb", Verb)
def test_whoever_may_only_look_is_told_what_each_verb_needs(verb: Verb) -> None:
    viewer = Person("ada", frozenset({Right.VIEW}))

    said = people.lacks(viewer, verb, SHOP)

    assert f"needs the role {people.needed(verb)} on shop/prod-eu" == said


def test_approving_is_a_right_of_its_own() -> None:
    operator = Person("ada", frozenset({Right.VIEW, Right.OPERATE}))

    assert "" == people.lacks(operator, Verb.ROLLBACK)
    assert "needs the role approve" == people.lacks(operator, Verb.APPROVE)
    assert "needs the role templates" == people.lacks(operator, Right.TEMPLATES)
