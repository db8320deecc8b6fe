from serinus.interfaces.web import looks
from serinus.interfaces.web.looks import Looks


def test_who_chose_nothing_sees_what_the_system_has() -> None:
    assert Looks(theme="system", density="roomy", keys="on") == looks.read({})


def test_a_choice_is_read_and_anything_else_is_not() -> None:
    cookies = {"theme": "dark", "density": "<script>", "other": "x"}

    assert Looks(theme="dark") == looks.read(cookies)


def test_only_choices_are_kept_of_a_form() -> None:
    assert {"keys": "off"} == looks.chosen({"keys": "off", "theme": "pink", "csrf": "t"})
