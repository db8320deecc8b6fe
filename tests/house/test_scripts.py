"""The scripts that a fresh machine begins with."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts import fetch_pip, generate
from tests.house import repository

BASE = "https://mirror.example/simple/pip/"
SCRIPTS = [p for p in repository.files("scripts", ".ci") if not p.suffix]


def test_the_wheel_is_found_on_a_json_page() -> None:
    url = f"https://files.example/a/{fetch_pip.WHEEL}"
    page = json.dumps({"files": [{"url": "https://files.example/pip-1.tar.gz"}, {"url": url}]})

    assert url == fetch_pip.address(page.encode(), "application/vnd.pypi.simple.v1+json", BASE)


def test_the_wheel_is_found_on_an_html_page() -> None:
    page = f'<a href="../../files/{fetch_pip.WHEEL}#sha256=0&amp;x=1">{fetch_pip.WHEEL}</a>'
    expected = f"https://mirror.example/files/{fetch_pip.WHEEL}#sha256=0&x=1"

    assert expected == fetch_pip.address(page.encode(), "text/html", BASE.replace("simple/", "s/"))


def test_an_index_without_the_wheel_is_named() -> None:
    with pytest.raises(SystemExit, match=f"{BASE} does not name {fetch_pip.WHEEL}"):
        fetch_pip.address(b"<html/>", "text/html", BASE)


def test_only_the_web_is_asked_for_a_wheel() -> None:
    with pytest.raises(SystemExit, match="want an address"):
        fetch_pip.read("file:///etc/passwd")


def test_an_interpreter_that_is_too_old_is_refused_before_anything_is_made() -> None:
    answer = subprocess.run(
        [repository.ROOT / "scripts" / "bootstrap"],
        env=os.environ | {"PYTHON": "/bin/false"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert answer.returncode != 0
    assert "PYTHON=/bin/false is not a Python of version 3.11 or later" in answer.stderr


def test_a_stale_file_is_named_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "docs" / "list.md"
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "wanted", lambda: {target: "fresh\n"})
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    with pytest.raises(SystemExit):
        generate.main()
    monkeypatch.setattr("sys.argv", ["generate"])
    generate.main()
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    generate.main()

    assert "docs/list.md is stale" in capsys.readouterr().err
    assert target.read_text() == "fresh\n"


@pytest.mark.parametrize("path", SCRIPTS, ids=repository.name)
def test_scripts_are_executable_and_stop_at_errors(path: Path) -> None:
    text = path.read_text()

    assert os.access(path, os.X_OK)
    assert text.startswith("#!")
    assert "\nset -" in text
