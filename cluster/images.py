"""
Images made without a container engine, and put into containerd.

podinfo is the sample application of the field. Its versions are one program in several settings:

    podinfo:6.0.0 … 6.0.3     good; colour and message of the page tell the version
    podinfo:6.0.4-errors      answers one request in three with an error
    podinfo:6.0.5-slow        takes 300 to 600 ms for each answer
    podinfo:6.0.6-unready     never becomes ready
"""

import dataclasses
import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from cluster import node, parts, places

HUB = "docker.io/library"
"""Where an image without a host comes from, in Kubernetes' eyes."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
COLOURS = ("#34577c", "#2f855a", "#b7791f", "#9b2c2c")
SLOW = {"DELAY": "true", "DELAY_MIN": "300", "DELAY_MAX": "600", "DELAY_UNIT": "ms"}
VERSIONS: dict[str, dict[str, str]] = {
    **{f"6.0.{n}": {"PODINFO_UI_COLOR": colour} for n, colour in enumerate(COLOURS)},
    "6.0.4-errors": {"PODINFO_RANDOM_ERROR": "true"},
    "6.0.5-slow": {f"PODINFO_RANDOM_{name}": value for name, value in SLOW.items()},
    "6.0.6-unready": {"PODINFO_UNREADY": "true"},
}
NAMES = tuple(f"podinfo:{version}" for version in VERSIONS)


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """
    An image of one layer.

    Attributes:
        name: Full name with host and tag.
        layer: The files, as an uncompressed tar.
        command: What it runs.
        env: Environment of the command.
        labels: Labels, for people.
        user: Numeric user and group, such as `65532:65532`.
    """

    name: str
    layer: bytes
    command: tuple[str, ...]
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    user: str = "65532:65532"


def provide() -> None:
    """Make the images of the cluster and import them."""
    load(bundle([pause(), *podinfo()]))


def pause() -> Image:
    """Return the image that holds the namespaces of a pod."""
    return Image(node.PAUSE, layer({"pause": parts.program("pause")}), ("/pause",))


def podinfo() -> list[Image]:
    """Return the versions of the sample application; they share their layer."""
    files = layer({"podinfo": parts.program("podinfo")})
    return [
        Image(
            name=f"{HUB}/podinfo:{version}",
            layer=files,
            command=("/podinfo", "--port=9898", "--level=info"),
            env={"PODINFO_UI_MESSAGE": f"podinfo {version}", **settings},
            labels={"org.opencontainers.image.version": version},
        )
        for version, settings in VERSIONS.items()
    ]


def load(archive: bytes) -> None:
    """Import an archive of images into the cluster's containerd."""
    control = parts.program("ctr")
    command = [str(control), "--address", str(places.CONTAINERD_SOCKET), "--namespace", "k8s.io"]
    answer = subprocess.run(
        [*command, "images", "import", "-"], input=archive, check=False, capture_output=True
    )
    if answer.returncode:
        raise SystemExit(f"cluster: importing images failed: {answer.stderr.decode().strip()}")


def layer(programs: Mapping[str, Path]) -> bytes:
    """Return a layer with programs at its root, and the folders that programs expect."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        for folder, mode in {"tmp": 0o1777, "data": 0o777}.items():
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        for name, path in programs.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = path.stat().st_size, 0o755
            with path.open("rb") as content:
                archive.addfile(entry, content)
    return output.getvalue()


def bundle(images: Iterable[Image]) -> bytes:
    """Return an archive of images in the layout of the Open Container Initiative."""
    blobs: dict[str, bytes] = {}

    def blob(kind: str, content: bytes) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        media = f"application/vnd.oci.image.{kind}"
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}

    manifests = []
    for image in images:
        files = blob("layer.v1.tar", image.layer)
        config = {
            "architecture": ARCHITECTURES[platform.machine()],
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [files["digest"]]},
            "config": {
                "Entrypoint": list(image.command),
                "Env": [f"{name}={value}" for name, value in image.env.items()],
                "Labels": dict(image.labels),
                "User": image.user,
            },
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob("config.v1+json", json.dumps(config).encode()),
            "layers": [files],
        }
        described = blob("manifest.v1+json", json.dumps(manifest).encode())
        manifests.append({**described, "annotations": {"io.containerd.image.name": image.name}})
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    }
    files_of = {f"blobs/sha256/{digest}": content for digest, content in blobs.items()}
    files_of["index.json"] = json.dumps(index).encode()
    files_of["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        for name, content in files_of.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return output.getvalue()
