import json
from pathlib import Path

import pytest

from serinus.adapters.local import surroundings
from serinus.adapters.local.surroundings import Suggestion


def found(directory: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)
    return [one.command for one in surroundings.suggestions(directory)]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("./shop --port $PORT", "./shop --port ${port}"),
        ("./shop --port ${PORT:-8000}", "./shop --port ${port}"),
        ("gunicorn app:app -b 0.0.0.0:8000", "gunicorn app:app -b 0.0.0.0:${port}"),
        ("./shop", "./shop"),
        ("cd app && ./shop -p ${PORT}", "sh -c 'cd app && ./shop -p $PORT'"),
        ("MODE=live ./shop", "sh -c 'MODE=live ./shop'"),
        ("./shop --name $NAME --port $PORT", "sh -c './shop --name $NAME --port $PORT'"),
    ],
)
def test_a_procfile_is_read_as_what_needs_no_shell_if_that_can_be(
    tmp_path: Path, line: str, command: str
) -> None:
    assert [command] == found(tmp_path, Procfile=f"release: ./migrate\nweb: {line}\n")


def test_a_caddyfile_belongs_to_the_version_and_tells_its_health_path(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(":80\nrespond /healthz ok\n")

    command = "caddy run --adapter caddyfile --config ${files}/Caddyfile"
    (one,) = surroundings.suggestions(tmp_path)
    assert Suggestion(command, "Caddyfile", ("Caddyfile",), "/healthz") == one


@pytest.mark.parametrize(
    ("package", "commands"),
    [
        ({"scripts": {"start": "node server.js"}}, ["node server.js"]),
        ({"scripts": {"start": "next start"}, "main": "none.js"}, ["npm start --silent"]),
        ({"main": "it is.js"}, ["node 'it is.js'"]),
        ({"scripts": ["start"], "main": 3}, []),
        ([], []),
    ],
)
def test_a_package_of_node_tells_how_it_starts(
    tmp_path: Path, package: object, commands: list[str]
) -> None:
    (tmp_path / "it is.js").write_text("")

    assert commands == found(tmp_path, package__json=json.dumps(package))


def test_a_python_project_has_scripts_or_an_app(tmp_path: Path) -> None:
    project = '[project]\nname = "x"\nscripts = {shop = "shop:main"}\n'
    api = 'api: FastAPI = FastAPI()\n@api.get("/health")\n'

    assert [
        "shop",
        "python manage.py runserver --noreload 127.0.0.1:${port}",
        "uvicorn main:api --port ${port}",
        "flask --app app:app run --port ${port}",
    ] == found(
        tmp_path,
        pyproject__toml=project,
        manage__py="import django",
        main__py=api,
        app__py="app = Flask(__name__)\n",
    )
    assert "/health" == surroundings.suggestions(tmp_path)[2].health


def test_programs_are_suggested_and_not_run(tmp_path: Path) -> None:
    home = tmp_path / "shop"
    home.mkdir()
    for name in ("a tool", "shop", "notes", "data"):
        (home / name).write_text("#!/bin/sh\ntouch ran\n" if name != "data" else "x")
        (home / name).chmod(0o644 if name == "notes" else 0o755)

    assert ["./shop", "./'a tool'"] == found(home)
    assert not (home / "ran").exists()


def test_pages_can_be_served(tmp_path: Path) -> None:
    assert ["python3 -m http.server --bind 127.0.0.1 ${port}"] == found(tmp_path, index__html="hi")


def test_what_is_damaged_or_odd_suggests_nothing(tmp_path: Path) -> None:
    (tmp_path / "Procfile").mkdir()
    (tmp_path / "main.py").write_bytes(b"\xff\xfe")

    assert [] == found(tmp_path, package__json="{", pyproject__toml="[", Caddyfile="")
    assert () == surroundings.suggestions(tmp_path / "gone")


def test_of_a_large_file_the_beginning_is_read(tmp_path: Path) -> None:
    long = " " * surroundings.LARGEST + "\nweb: ./shop\n"

    assert [] == found(tmp_path, Procfile=long)
