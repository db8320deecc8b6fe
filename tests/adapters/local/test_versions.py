import pytest

from serinus.adapters.local import documents, versions
from serinus.adapters.local.versions import Wish
from serinus.ports import failures
from tests.adapters.local import written


def changed(text: str, wish: Wish, index: int = 0) -> str:
    _, page = documents.read(text.encode())
    data = page.documents[index].data if page.documents else {}
    return versions.changed(text, page, index, versions.changes(data, wish), "shop.yaml")


def test_a_version_is_changed_and_all_else_stays() -> None:
    assert written.SHOP.replace("version: v1 ", "version: v2 ") == changed(
        written.SHOP, Wish("v2", "local")
    )


def test_the_version_of_an_environment_is_changed_where_it_has_its_own() -> None:
    text = written.SHOP + "  environments:\n    prod: {version: v5}\n"

    assert text.replace("v5", "v6") == changed(text, Wish("v6", "prod"))
    assert text.replace("v1 ", "v6 ") == changed(text, Wish("v6", "local"))


def test_parameters_have_the_types_of_those_that_are_known() -> None:
    wish = Wish("v1", "local", {"minSamples": "30", "start": "2"}, {"minSamples": 50, "start": "5"})

    new = changed(written.SHOP, wish)
    assert {"bake": "12s", "minSamples": 30, "start": "2"} == (
        documents.parse(new).documents[0].data["spec"]["delivery"]["parameters"]
    )


@pytest.mark.parametrize(
    ("text", "index", "why"),
    [
        ("spec: {version: [", 0, ""),
        (written.SHOP, 1, ""),
        ("spec: {version: {a: 1}}", 0, "more than one value"),
        ("a: &a {version: v1}\nspec: *a\n", 0, "more than it should"),
    ],
)
def test_a_text_that_cannot_be_changed_safely_is_left_alone(
    text: str, index: int, why: str
) -> None:
    _, page = documents.read(text.encode())
    wanted = versions.changes({}, Wish("v2", "local"))

    with pytest.raises(failures.Rejected, match=r"shop\.yaml is written in a way") as refused:
        versions.changed(text, page, index, wanted, "shop.yaml")
    assert why in refused.value.why
    assert "change spec.version" in refused.value.hint
