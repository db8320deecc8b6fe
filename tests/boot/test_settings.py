from pathlib import Path

import pytest

from serinus.boot.settings import Settings
from serinus.ports import failures


def load(cwd: Path, environ: dict[str, str] | None = None, **given: object) -> Settings:
    return Settings.load(environ=environ or {}, cwd=cwd, **given)  # type: ignore[arg-type]  # any setting


def test_the_defaults_lie_in_the_current_directory(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert (tmp_path / ".serinus", tmp_path / "delivery") == (settings.home, settings.specs)
    assert ("127.0.0.1", 8080) == (settings.listen, settings.port)
    assert tmp_path / ".serinus" / "state.db" == settings.database
    assert tmp_path / ".serinus" / "run" / "controller.lock" == settings.lock
    assert tmp_path / ".serinus" / "blobs" == settings.blobs
    assert tmp_path / ".serinus" / "logs" == settings.logs


def test_a_flag_goes_before_the_environment_and_that_before_what_was_saved(
    tmp_path: Path,
) -> None:
    load(tmp_path, specs="saved", port=1, listen="0.0.0.0").save()  # noqa: S104 - nothing listens
    environ = {"SERINUS_SPECS": "environ", "SERINUS_PORT": "2"}

    assert (tmp_path / "saved", 1) == (load(tmp_path).specs, load(tmp_path).port)
    assert "0.0.0.0" == load(tmp_path).listen  # noqa: S104 - nothing listens
    assert (tmp_path / "environ", 2) == (
        load(tmp_path, environ).specs,
        load(tmp_path, environ).port,
    )
    assert tmp_path / "flag" == load(tmp_path, environ, specs="flag").specs
    assert 3 == load(tmp_path, environ, port=3).port


def test_a_command_elsewhere_finds_the_specs_of_the_same_home(tmp_path: Path) -> None:
    load(tmp_path, specs="apps").save()
    elsewhere = tmp_path / "elsewhere"

    assert tmp_path / "apps" == load(elsewhere, home=tmp_path / ".serinus").specs


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused_with_where_it_came_from(tmp_path: Path, port: str) -> None:
    with pytest.raises(failures.Rejected, match=f"SERINUS_PORT is '{port}'") as refusal:
        load(tmp_path, {"SERINUS_PORT": port})

    assert "SERINUS_PORT=8080" == refusal.value.hint


def test_saved_settings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    load(tmp_path).save()
    (tmp_path / ".serinus" / "settings.json").write_text('{"prot": 1}')

    with pytest.raises(failures.Rejected, match=r"cannot read .*settings\.json"):
        load(tmp_path)


def test_the_home_that_is_made_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    load(tmp_path).save()

    assert 0o700 == (tmp_path / ".serinus").stat().st_mode & 0o777
