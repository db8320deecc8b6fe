import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from serinus.adapters.local import documents, manifests
from serinus.adapters.local.manifests import Manifest
from tests.adapters.local import written

TEXTS = (
    *("on", "Off", "y", "N", "yes", "NO", "1_000", "0b1", "12:30", "12:30:00.5", "2026-11-27"),
    *("0o17x", "1e", "=", "v1", "0_xe", "+_09", "1__0"),
)
NUMBERS = {
    "010": 10,
    "0o17": 15,
    "+5": 5,
    "1e3": 1000.0,
    "0x1F": 31,
    ".5": 0.5,
    "1.": 1.0,
    "2e+55": 2e55,
}


def exported(text: str, index: int = 0, namespace: str = "") -> Manifest:
    page = documents.parse(text)
    assert () == page.problems
    return manifests.manifest(text, page.documents[index], "shop.yaml", namespace)


def elsewhere(text: str) -> Any:
    """Read a text as Kubernetes does: by YAML 1.1."""
    reader = YAML(typ="safe", pure=True)
    reader.version = "1.1"
    return reader.load(text)


def here(text: str) -> Any:
    (document,) = documents.parse(text).documents
    return document.data


def shop(spec: str, head: str = "") -> str:
    return (
        f"{head}apiVersion: serinus.dev/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\n"
        f"spec:\n  workload: {{command: ./shop}}\n{spec}"
    )


# --- what stays as it is ------------------------------------------------------------------------


def test_a_document_without_a_namespace_is_the_text_that_was_written() -> None:
    found = exported(written.SHOP)

    assert ("Application", "shop", written.SHOP, True) == (
        found.kind,
        found.name,
        found.text,
        found.faithful,
    )


def test_the_namespace_is_the_one_value_that_changes() -> None:
    wanted = written.SHOP.replace("metadata:\n", "metadata:\n  namespace: prod\n")

    assert wanted == exported(written.SHOP, namespace="prod").text
    assert wanted.replace("prod", "dev") == exported(wanted, namespace="dev").text


def test_an_environment_belongs_to_the_whole_cluster_and_gets_no_namespace() -> None:
    text = (
        "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: local}\nspec: {}\n"
    )

    assert text == exported(text, namespace="prod").text


def test_a_document_is_cut_out_of_its_file_with_its_own_comments() -> None:
    text = (
        "\ufeff%YAML 1.2\n--- # first\n"
        + shop("", head="# --- the shop ---\n")
        + "# its end\n---\n"
        + shop("# mine\n").replace("name: shop", "name: cart")
        + "...\n# nobody's\n---\n# an empty one\n"
    )

    first, second = exported(text), exported(text, 1)
    assert "# first\n" + shop("", head="# --- the shop ---\n") + "# its end\n" == first.text
    assert shop("# mine\n").replace("name: shop", "name: cart") == second.text


def test_lines_end_in_one_way() -> None:
    assert written.SHOP == exported(written.SHOP.replace("\n", "\r\n")).text


# --- what Kubernetes would read in another way --------------------------------------------------


@pytest.mark.parametrize("word", TEXTS)
def test_a_text_stays_a_text(word: str) -> None:
    found = exported(shop(f"  version: {word}\n"))
    want = here(shop(f"  version: {word}\n"))

    assert want == here(found.text) == elsewhere(found.text)
    assert word == found.text.split("version: ")[1].strip().strip('"')


@pytest.mark.parametrize(("number", "value"), NUMBERS.items())
def test_a_number_stays_the_number_that_it_is_here(number: str, value: float) -> None:
    found = exported(shop(f"  delivery: {{parameters: {{a: {number}}}}}\n"))

    assert value == here(found.text)["spec"]["delivery"]["parameters"]["a"]
    assert value == elsewhere(found.text)["spec"]["delivery"]["parameters"]["a"]


def test_words_that_nobody_mistakes_get_no_quotes() -> None:
    text = shop(
        "  version: 1.4.2\n  delivery: {parameters: {bake: 5m, start: 1%, n5: 20, p: 1.5, at: .}}\n"
    )

    assert text == exported(text).text


def test_keys_and_anchors_are_taken_care_of() -> None:
    text = shop("  environments:\n    on: &a {version: no}\n    dev: *a\n    x:\n      <<: *a\n")
    found = exported(text, namespace="prod")

    assert '    "on": &a {version: "no"}\n    dev: *a\n' in found.text
    assert here(text)["spec"] == here(found.text)["spec"] == elsewhere(found.text)["spec"]
    assert "metadata: {namespace: prod, name: shop}" in found.text


def test_what_cannot_be_carried_over_is_written_anew_as_json() -> None:
    text = shop("  environments:\n    x:\n      <<: {version: on}\n")
    found = exported(text, namespace="prod")

    assert not found.faithful
    assert here(text)["spec"] == json.loads(found.text)["spec"]


@pytest.mark.parametrize("end", ["\x85", "\u2028"])
def test_what_ends_a_line_only_elsewhere_is_written_anew(end: str) -> None:
    text = shop(f'  environments: {{"a{end}b": {{}}}}\n')
    found = exported(text)

    assert not found.faithful
    assert end not in found.text
    assert here(text) == here(found.text) == elsewhere(found.text)


# --- the law ------------------------------------------------------------------------------------

WORDS = st.sampled_from([*TEXTS, *NUMBERS, "null", "~", "-x", "é", "'q'"]) | st.text(
    min_size=1, max_size=8
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def plain(value: object) -> str:
    """Write a value without quotes wherever YAML 1.2 does without them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{plain(k)}: {plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(plain, value)) + "]"
    if isinstance(value, str) and value.isascii() and value.replace("_", "").isalnum():
        return value
    return json.dumps(value, ensure_ascii=False)


@given(VALUES, st.sampled_from(["", "prod"]))
def test_the_spec_of_a_manifest_is_the_same_data_for_everybody(value: Any, namespace: str) -> None:
    text = shop(f"  delivery: {plain(value)}\n")
    page = documents.parse(text)
    if page.problems or page.documents[0].problems or None in _keys(page.documents[0].data):
        return  # It would not pass the review: damaged, a key given twice, or one that is no text.
    (document,) = page.documents
    found = manifests.manifest(text, document, "shop.yaml", namespace)

    want = json.dumps(document.data["spec"])
    assert want == json.dumps(here(found.text)["spec"])
    assert json.loads(want) == elsewhere(found.text)["spec"]
    assert namespace == here(found.text)["metadata"].get("namespace", "")


def _keys(data: Any) -> set[str | None]:
    """Return all keys of a value; None stands for one that is no text."""
    if isinstance(data, dict):
        own = {key if isinstance(key, str) else None for key in data}
        return own.union(*(_keys(inner) for inner in data.values()))
    if isinstance(data, list):
        return set().union(*(_keys(inner) for inner in data))
    return set()
