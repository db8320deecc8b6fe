import pytest

from serinus.adapters.local import documents

BAD = {
    "two keys on one line": (b"selector: matchLabels:\n", "two keys on one line", 1, 21 + 1),
    "a tab": (b"spec:\n\tversion: v1\n", "a tab; YAML is indented with spaces", 2, 1),
    "a key twice": (
        b"a: 1\nb:\n  c: 1\n  c: 2\n",
        "the key 'c' is given twice, first in line 3",
        4,
        3,
    ),
    "not UTF-8": (b"a: 1\nb: \xff\n", "byte 0xff is not UTF-8", 2, 4),
    "a control character": (b"a: \x00\n", "may not stand in YAML", 1, 4),
    "a character that is none": (b'a: "\\U00110000"\n', "this is not YAML", None, None),
    "an open list": (b"a: [1,\n", "not YAML", 2, 1),
    "an open quote": (b'a: "x\n', "not YAML", 2, 1),
    "an at sign": (b"a: @x\n", "put the value in quotes", 1, 4),
    "an alias of nothing": (b"a: *x\n", "the alias *x has no anchor before it", 1, 4),
    "an alias of itself": (b"a: &x [*x]\n", "the alias *x has no anchor before it", 1, 8),
    "a tag": (b"a: !!python/object:os.system x\n", "is not known", 1, 4),
    "a key that is a list": (b"? [a]\n: 1\n", "a key is a text", 1, 3),
    "a large number": (b"a: " + b"9" * 5000 + b"\n", "is too large", 1, 4),
    "merging a number": (b"a:\n  <<: 1\n", "merges mappings only", 2, 7),
    "a lost indentation": (b"a: 1\n  b: 2\n", "a key where none can stand", 2, 4),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_with_its_line_and_column(name: str) -> None:
    content, message, line, column = BAD[name]

    _, page = documents.read(content)
    problems = [*page.problems, *(p for d in page.documents for p in d.problems)]

    assert 1 == len(problems)
    assert message in problems[0].message
    assert (line, column) == (problems[0].line, problems[0].column)


def test_plain_scalars_mean_what_yaml_1_2_says() -> None:
    text = "[yes, no, on, true, False, ~, null, 1, 0x1F, 0o17, 1.5, 1e3, -.inf, '1', 12s, 010]"

    (document,) = documents.parse(text).documents

    expected = [
        *("yes", "no", "on", True, False, None, None, 1, 31, 15, 1.5, 1000.0, float("-inf")),
        *("1", "12s", 10),
    ]
    assert expected == document.data


def test_documents_after_a_damage_are_not_read_and_those_before_it_are() -> None:
    page = documents.parse("a: 1\n---\nb: [\n---\nc: 3\n")

    assert [{"a": 1}] == [document.data for document in page.documents]
    assert 1 == len(page.problems)


def test_empty_documents_are_left_out() -> None:
    assert [{"a": 1}] == [
        d.data for d in documents.parse("---\n# nothing\n---\na: 1\n---\n").documents
    ]


def test_anchors_and_merges_are_plain_data() -> None:
    text = "base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3\nsame: *base\n"

    (document,) = documents.parse(text).documents

    assert {"a": 1, "b": 3} == document.data["more"]
    assert {"a": 1, "b": 2} == document.data["same"]


def test_a_place_is_where_its_key_stands() -> None:
    (document,) = documents.parse("spec:\n  plan:\n  - hold: {for: 1m}\n").documents

    positions = documents.positions(document.root)

    assert (2, 3) == positions["spec.plan"]
    assert (3, 5) == positions["spec.plan[0]"]
    assert (3, 12) == positions["spec.plan[0].hold.for"]


def test_a_text_that_grows_when_it_is_read_is_refused() -> None:
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )

    for text, wanted in (
        (laughs, "more than 50000 values"),
        ("a: &a 1\nb: [" + "*a, " * 101 + "]\n", "more than 100 aliases"),
        ("[" * 200 + "]" * 200, "nested deeper than 64"),
    ):
        assert wanted in documents.parse(text).problems[0].message


def test_a_large_file_is_refused_before_it_is_read() -> None:
    _, page = documents.read(b"a" * (documents.LARGEST + 1))

    assert "are too many; wanted at most 1048576" in page.problems[0].message
