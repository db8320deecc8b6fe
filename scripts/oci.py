"""
Images for containers, written as archives in the layout of the Open Container Initiative.

An archive is a tar file of blobs, named by their SHA-256, and an index that names the images.
Podman, skopeo, containerd and Docker read it. The same files give the same bytes at any time.
"""

import dataclasses
import gzip
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
NOBODY = "65532:65532"
"""User and group of a program without rights; numbers tell Kubernetes that it is not root."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """Files of an image: the bytes as they are kept, and the digest of what they unpack to."""

    content: bytes
    unpacked: str
    media: str = "application/vnd.oci.image.layer.v1.tar"


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """
    An image.

    Attributes:
        name: Full name, with host and tag.
        layers: Its files, the lowest first.
        command: What it runs; arguments of the container come after it.
        env: Environment of the command.
        labels: What people can read about it.
        user: Numeric user and group.
    """

    name: str
    layers: tuple[Layer, ...]
    command: tuple[str, ...]
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    user: str = NOBODY


def layer(files: Mapping[str, Path], folders: Mapping[str, int], *, packed: bool = False) -> Layer:
    """
    Return a layer.

    Args:
        files: Path in the image, without a leading slash → file or symbolic link on disk.
        folders: Empty folders with their modes; those that files lie in need no mention.
        packed: Whether to compress it, for a registry.
    """
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        for name in sorted({*parents(files), *folders}):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, folders.get(name, 0o755)
            archive.addfile(entry)
        for name in sorted(files):
            add(archive, name, files[name])
    content = output.getvalue()
    unpacked = digest(content)
    if not packed:
        return Layer(content, unpacked)
    small = gzip.compress(content, compresslevel=6, mtime=0)
    return Layer(small, unpacked, "application/vnd.oci.image.layer.v1.tar+gzip")


def parents(names: Iterable[str]) -> set[str]:
    """Return the folders that files lie in."""
    return {str(folder) for name in names for folder in Path(name).parents if folder.name}


def add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """Put a file into a tar, as root's, with nothing in it that differs from machine to machine."""
    entry = tarfile.TarInfo(name)
    if path.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
        archive.addfile(entry)
        return
    state = path.stat()
    entry.size, entry.mode = state.st_size, 0o755 if state.st_mode & 0o100 else 0o644
    with path.open("rb") as content:
        archive.addfile(entry, content)


def digest(content: bytes) -> str:
    """Return the name of a blob."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def archive(images: Iterable[Image]) -> bytes:
    """Return an archive of images; layers that they share are in it once."""
    blobs: dict[str, bytes] = {}
    manifests, for_docker = [], []
    for image in images:
        layers = [blob(blobs, each.media, each.content) for each in image.layers]
        config = blob(blobs, "application/vnd.oci.image.config.v1+json", as_json(configured(image)))
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config,
            "layers": layers,
        }
        named = {
            "io.containerd.image.name": image.name,
            "org.opencontainers.image.ref.name": image.name.rpartition(":")[2],
        }
        described = blob(blobs, str(manifest["mediaType"]), as_json(manifest))
        manifests.append({**described, "annotations": named})
        for_docker.append(
            {
                "Config": place(str(config["digest"])),
                "RepoTags": [image.name],
                "Layers": [place(str(each["digest"])) for each in layers],
            }
        )
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    }
    files = {place(name): content for name, content in sorted(blobs.items())}
    files["index.json"] = as_json(index)
    files["manifest.json"] = as_json(for_docker)
    files["oci-layout"] = as_json({"imageLayoutVersion": "1.0.0"})
    return tar(files)


def configured(image: Image) -> dict[str, object]:
    """Return the document that says what an image runs."""
    return {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [each.unpacked for each in image.layers]},
        "config": {
            "Entrypoint": list(image.command),
            "Env": [f"{name}={value}" for name, value in image.env.items()],
            "Labels": dict(image.labels),
            "User": image.user,
            "WorkingDir": "/",
        },
    }


def blob(blobs: dict[str, bytes], media: str, content: bytes) -> dict[str, object]:
    """Keep a blob and return how others refer to it."""
    name = digest(content)
    blobs[name] = content
    return {"mediaType": media, "digest": name, "size": len(content)}


def place(name: str) -> str:
    """Return where a blob lies in the archive."""
    return f"blobs/{name.replace(':', '/')}"


def as_json(document: object) -> bytes:
    """Return a document as bytes, the same for the same document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def tar(files: Mapping[str, bytes]) -> bytes:
    """Return a tar of files."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            made.addfile(entry, io.BytesIO(content))
    return output.getvalue()
