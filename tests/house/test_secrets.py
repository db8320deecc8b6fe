"""Nothing that is committed tells of the place where it was made."""

import re

from tests.house import repository

# Written in pieces, so that this file does not find itself.
FORBIDDEN = [
    re.compile(r"\.\./" + "shared"),
    re.compile(r"(?<![\w.$}~-])/" + r"work/"),
    re.compile("/root" + "/"),
    re.compile("/opt" + "/wheels"),
    re.compile("BEGIN [A-Z ]*PRIVATE" + " KEY"),
]


def test_no_committed_file_names_the_machine_it_was_made_on() -> None:
    found = [
        f"{repository.name(path)}: {pattern.pattern}"
        for path in repository.files()
        for pattern in FORBIDDEN
        if pattern.search(path.read_text(errors="replace"))
    ]

    assert [] == found


def test_no_committed_file_is_large() -> None:
    limit = 1_000_000

    assert [] == [
        repository.name(path) for path in repository.files() if path.stat().st_size > limit
    ]
