"""The wheel that users install is whole: code, templates, types and licence."""

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.house import repository


def build(folder: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(
        next(WheelBuilder(str(repository.ROOT)).build(directory=str(folder), versions=["standard"]))
    )


def test_everything_in_the_package_is_in_the_wheel(tmp_path: Path) -> None:
    wanted = {
        str(path.relative_to(repository.ROOT / "src")) for path in repository.files("src/serinus")
    }

    with build(tmp_path) as wheel:
        assert wanted <= set(wheel.namelist())


def test_the_wheel_brings_the_command_and_the_licence(tmp_path: Path) -> None:
    version = repository.project()["project"]["version"]

    with build(tmp_path) as wheel:
        entries = wheel.read(f"serinus-{version}.dist-info/entry_points.txt").decode()

        assert "serinus = serinus.interfaces.cli.main:main" in entries
        assert f"serinus-{version}.dist-info/licenses/LICENSE" in wheel.namelist()
