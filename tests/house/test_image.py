"""Images are made from files alone, and always the same from the same files."""

import io
import json
import os
import tarfile
from pathlib import Path

from scripts import oci, runtime


def sample(folder: Path, *, packed: bool = False) -> oci.Layer:
    program = folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    os.utime(program, (0, 0))
    return oci.layer({"bin/program": program}, {"tmp": 0o1777}, packed=packed)


def read(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        found = opened.extractfile(name)
        assert found is not None
        return found.read()


def test_a_layer_tells_nothing_of_the_machine_that_made_it(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(sample(tmp_path).content)) as opened:
        entries = {entry.name: entry for entry in opened}

    assert ["bin", "tmp", "bin/program"] == list(entries)
    assert {0} == {entry.mtime for entry in entries.values()}
    assert {(0, 0)} == {(entry.uid, entry.gid) for entry in entries.values()}
    assert 0o1777 == entries["tmp"].mode
    assert 0o755 == entries["bin/program"].mode


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    first = sample(tmp_path, packed=True)
    os.utime(tmp_path / "program", (1_000, 1_000))
    second = oci.layer({"bin/program": tmp_path / "program"}, {"tmp": 0o1777}, packed=True)

    assert first == second


def test_a_packed_layer_is_known_by_what_it_unpacks_to(tmp_path: Path) -> None:
    plain, packed = sample(tmp_path), sample(tmp_path, packed=True)

    assert plain.unpacked == packed.unpacked
    assert plain.content != packed.content
    assert packed.media.endswith("+gzip")


def test_images_in_an_archive_share_their_layers(tmp_path: Path) -> None:
    layer = sample(tmp_path)
    images = [oci.Image(f"shop:{tag}", (layer,), ("/bin/program",)) for tag in ("1", "2")]
    archive = oci.archive(images)
    index = json.loads(read(archive, "index.json"))
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        blobs = [name for name in opened.getnames() if name.startswith("blobs/")]

    names = [each["annotations"]["io.containerd.image.name"] for each in index["manifests"]]
    assert ["shop:1", "shop:2"] == names
    assert len(blobs) == 3  # layer, configuration and manifest are the same for both
    assert layer.content == read(archive, oci.place(oci.digest(layer.content)))


def test_the_standard_library_comes_without_its_tests() -> None:
    names = dict(runtime.library(Path(os.__file__).parent))

    assert f"{runtime.STDLIB}/os.py" in names
    assert f"{runtime.STDLIB}/asyncio/__init__.py" in names
    assert [] == [name for name in names if "/test/" in name or "/site-packages/" in name]


def test_packages_come_without_the_commands_of_the_machine(tmp_path: Path) -> None:
    for name in ("bin/serinus", "serinus/__init__.py", "serinus-0.dist-info/direct_url.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert [f"{runtime.PACKAGES}/serinus/__init__.py"] == list(runtime.packages(tmp_path))
