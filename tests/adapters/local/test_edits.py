import pytest

from serinus.adapters.local import documents, edits

TABLE = [
    ("version: v1  # c\n", ("version",), "v2", "version: v2  # c\n"),
    ("version: 'v1'\n", ("version",), "v2", "version: 'v2'\n"),
    ('version: "v1"\n', ("version",), "v2", 'version: "v2"\n'),
    ("version: v1\n", ("version",), "1.10", 'version: "1.10"\n'),
    ("version: 'it'\n", ("version",), "it's", "version: 'it''s'\n"),
    ("version: |\n  v1\nb: 1\n", ("version",), "v2", 'version: "v2"\nb: 1\n'),
    ("version:\nb: 1\n", ("version",), "v2", "version: v2\nb: 1\n"),
    ("version: &v v1\n", ("version",), "v2", "version: &v v2\n"),
    ("a: &v v1\nversion: *v\n", ("version",), "v2", "a: &v v1\nversion: v2\n"),
    ("# top\nspec:\n    # first\n    b: 1\n", ("spec", "version"), "v2",
     "# top\nspec:\n    version: v2\n    # first\n    b: 1\n"),
    ("spec:\r\n  b: 1\r\n", ("spec", "version"), "v2", "spec:\r\n  version: v2\r\n  b: 1\r\n"),
    ("spec: {b: 1}\n", ("spec", "version"), "v2", "spec: {version: v2, b: 1}\n"),
    ("spec: {}\n", ("spec", "a", "b"), 3, "spec: {a: {b: 3}}\n"),
    ("spec:\n  b: 1\n", ("spec", "a", "c"), True, "spec:\n  a:\n    c: true\n  b: 1\n"),
    ("---\na: 1\n", ("b",), "x", "---\nb: x\na: 1\n"),
    ("\ufeffa: v1\n", ("a",), "v2", "\ufeffa: v2\n"),
    ("a: ü\nb: v1\n", ("b",), "ö", 'a: ü\nb: "ö"\n'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "path", "value", "after"), TABLE)
def test_one_value_is_put_and_all_else_stays_as_it_was(
    before: str, path: tuple[str, ...], value: object, after: str
) -> None:
    (document,) = documents.parse(before).documents

    changed = edits.put(before, document, path, value)

    assert after == changed
    assert edits.placed(document.data, path, value) == documents.parse(changed).documents[0].data


def test_an_equal_value_changes_nothing() -> None:
    text = "a:   'v1'\n"
    (document,) = documents.parse(text).documents

    assert text == edits.put(text, document, ("a",), "v1")


def test_more_than_one_value_is_not_replaced() -> None:
    text = "a: [1]\n"
    (document,) = documents.parse(text).documents

    with pytest.raises(edits.Impossible):
        edits.put(text, document, ("a",), "v1")


def test_a_document_is_cut_out_whole() -> None:
    text = "# a\na: 1\n---\n# b\nb: 2\n---\nc: 3\n"
    page = documents.parse(text)

    assert "---\n# b\nb: 2\n---\nc: 3\n" == edits.remove(text, page.documents[0])
    assert "# a\na: 1\n---\nc: 3\n" == edits.remove(text, page.documents[1])
    assert "# a\na: 1\n---\n# b\nb: 2\n" == edits.remove(text, page.documents[2])
