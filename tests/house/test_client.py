"""What a browser is sent stays small, comes from us alone, and is what its makers published."""

import gzip
import hashlib
import re

from tests.house import repository

WEB = repository.PACKAGE / "interfaces" / "web"
STATIC = WEB / "static"
VENDOR = STATIC / "vendor"

SENT = 60_000
CARRIED = 300_000
ELSEWHERE = re.compile(r"""(?:src|href|import|from|url|fetch|new URL)[\s(=:"'`]+(?:https?:)?//""")

LINK = re.compile(r"<a\s[^>]*>")
"""What a person follows: the application itself, say. A page does not ask for it by itself."""


def test_all_that_a_browser_is_ever_sent_is_under_60_kb_packed() -> None:
    kinds = {".js", ".css", ".svg"}
    served = [path for path in repository.files(str(STATIC)) if path.suffix in kinds]
    packed = {repository.name(p): len(gzip.compress(p.read_bytes(), 9)) for p in served}

    assert served
    assert SENT > sum(packed.values()), packed


def test_templates_and_static_files_are_under_300_kb_in_the_wheel() -> None:
    client = repository.files(str(STATIC), str(WEB / "templates"))

    assert CARRIED > sum(path.stat().st_size for path in client)


def test_no_page_names_a_file_of_another_origin() -> None:
    own = [path for path in repository.files(str(WEB)) if not path.is_relative_to(VENDOR)]

    assert [] == [
        repository.name(path)
        for path in own
        if path.suffix in {".js", ".css", ".html"}
        and ELSEWHERE.search(LINK.sub("", path.read_text()))
    ]


def test_what_others_wrote_is_as_they_published_it_and_has_its_licence() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    listed = {name.strip(): digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    theirs = [path for path in repository.files(str(VENDOR)) if path.suffix in {".js", ".css"}]
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in theirs
    }

    assert found == {name: listed.get(name) for name in found}
    assert all((path.parent / "LICENSE").is_file() for path in theirs)
