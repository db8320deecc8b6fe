from pathlib import Path

import pytest

from serinus.boot import access
from serinus.boot.access import Access, Grant
from serinus.ports import failures

GOOD = """\
mode: proxy
user: X-Forwarded-User
groups: X-Forwarded-Groups
peers: [127.0.0.1, 10.1.0.0/16]
hosts: [serinus.example.com]
grants:
- {group: "*", rights: [view]}
- {group: shop, rights: [operate, deploy], environments: [dev, "staging-*"]}
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(text)
    return path


def test_the_file_of_the_docstring_is_read(tmp_path: Path) -> None:
    text = (access.__doc__ or "").partition("::\n")[2].rpartition("\n\n")[0]
    found = access.read(file(tmp_path, text.replace("\n    ", "\n")))

    assert ("proxy", 3) == (found.mode, len(found.grants))


def test_who_may_do_what_is_read(tmp_path: Path) -> None:
    found = access.read(file(tmp_path, GOOD))

    expected = Access(
        mode="proxy",
        peers=("127.0.0.1", "10.1.0.0/16"),
        hosts=("serinus.example.com",),
        grants=(
            Grant("*", ("view",)),
            Grant("shop", ("operate", "deploy"), ("dev", "staging-*")),
        ),
    )
    assert expected == found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mode: proxy", "mode: open", "mode is 'open': want proxy"),
        ("X-Forwarded-User", "X Forwarded", "user is 'X Forwarded'"),
        ("[127.0.0.1, 10.1.0.0/16]", "[]", "peers is empty"),
        ("10.1.0.0/16", "10.1.0.1/16", "peers: 10.1.0.1/16 has host bits set"),
        ("[serinus.example.com]", "[]", "hosts is empty"),
        ("serinus.example.com", "https://x", "hosts: 'https://x' is no name of a host"),
        ("operate, deploy", "operate, fly", "no right 'fly'"),
        ("operate, deploy", "operate, view", "whoever may view sees every environment"),
        ("group: shop", "grüppe: shop", "unknown field"),
        ('"*"', '""', "a group without a name"),
        ("mode:", "mode: [", "access.yaml"),
    ],
)
def test_what_is_wrong_is_said_before_anybody_is_let_in(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    with pytest.raises(failures.Rejected, match="does not say who may use") as refused:
        access.read(file(tmp_path, GOOD.replace(old, new)))

    assert expected in f"{refused.value} {refused.value.why}"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(failures.Rejected) as refused:
        access.read(file(tmp_path, "mode: proxy"))

    assert all(word in refused.value.why for word in ("peers", "hosts", "grants"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(failures.Rejected, match=r"cannot read .*nothing\.yaml"):
        access.read(tmp_path / "nothing.yaml")
