"""
Images made without a container engine, and put into containerd.

podinfo is the sample application of the field. Its versions are one program in several settings:

    podinfo:6.0.0 … 6.0.3     good; colour and message of the page tell the version
    podinfo:6.0.4-errors      answers one request in three with an error
    podinfo:6.0.5-slow        takes 300 to 600 ms for each answer
    podinfo:6.0.6-unready     never becomes ready
"""

import hashlib
import subprocess

from cluster import node, parts, places
from scripts import image, oci

HUB = "docker.io/library"
"""Where an image without a host comes from, in Kubernetes' eyes."""

DEV = "serinus:dev"
"""This clone's Serinus, as the demo asks for it."""

COLOURS = ("#34577c", "#2f855a", "#b7791f", "#9b2c2c")
SLOW = {"DELAY": "true", "DELAY_MIN": "300", "DELAY_MAX": "600", "DELAY_UNIT": "ms"}
VERSIONS: dict[str, dict[str, str]] = {
    **{f"6.0.{n}": {"PODINFO_UI_COLOR": colour} for n, colour in enumerate(COLOURS)},
    "6.0.4-errors": {"PODINFO_RANDOM_ERROR": "true"},
    "6.0.5-slow": {f"PODINFO_RANDOM_{name}": value for name, value in SLOW.items()},
    "6.0.6-unready": {"PODINFO_UNREADY": "true"},
}
NAMES = tuple(f"podinfo:{version}" for version in VERSIONS)


def provide() -> None:
    """Make the images of the cluster and import them."""
    load(oci.archive([pause(), *podinfo()]))


def pause() -> oci.Image:
    """Return the image that holds the namespaces of a pod."""
    return oci.Image(node.PAUSE, (layer("pause"),), ("/pause",))


def podinfo() -> list[oci.Image]:
    """Return the versions of the sample application; they share their layer."""
    files = layer("podinfo")
    return [
        oci.Image(
            name=f"{HUB}/podinfo:{version}",
            layers=(files,),
            command=("/podinfo", "--port=9898", "--level=info"),
            env={"PODINFO_UI_MESSAGE": f"podinfo {version}", **settings},
            labels={"org.opencontainers.image.version": version},
        )
        for version, settings in VERSIONS.items()
    ]


def load(archive: bytes) -> None:
    """Import an archive of images into the cluster's containerd."""
    ctr("images", "import", "-", given=archive)


def known() -> set[str]:
    """Return the names of the images that containerd has."""
    return set(ctr("images", "list", "--quiet").split())


def ctr(*arguments: str, given: bytes | None = None) -> str:
    """Ask the cluster's containerd and return what it said."""
    program = parts.program("ctr")
    place = ["--address", str(places.CONTAINERD_SOCKET), "--namespace", "k8s.io"]
    answer = subprocess.run(
        [program, *place, *arguments], input=given, check=False, capture_output=True
    )
    if answer.returncode:
        raise SystemExit(f"cluster: ctr {arguments[0]} failed: {answer.stderr.decode().strip()}")
    return answer.stdout.decode()


def layer(name: str) -> oci.Layer:
    """Return a layer with a program at its root, and the folders that programs expect."""
    return oci.layer({name: parts.program(name)}, {"tmp": 0o1777, "data": 0o777})


def serinus() -> str:
    """Return the name of the image of this clone's Serinus; it is made and imported if needed."""
    name = f"{HUB}/serinus:test-{state_of_the_clone()}"
    kept = places.cache() / f"{name.rpartition('/')[2].replace(':', '-')}.tar"
    with parts.locked("image"):
        if name in known():
            return name
        if not kept.exists():
            for old in places.cache().glob("serinus-test-*.tar"):
                old.unlink()
            image.main(["--name", name, "--output", str(kept)])
        load(kept.read_bytes())
    return name


def dev() -> str:
    """Let the image of this clone's Serinus be found as `serinus:dev`, and return that name."""
    ctr("images", "tag", "--force", serinus(), f"{HUB}/{DEV}")
    return DEV


def state_of_the_clone() -> str:
    """Return what distinguishes the image of these sources from that of others."""
    digest = hashlib.sha256()
    files = [places.ROOT / name for name in ("uv.lock", "pyproject.toml")]
    for folder in ("src", "scripts"):
        files += sorted(p for p in (places.ROOT / folder).rglob("*") if p.suffix != ".pyc")
    for path in files:
        if path.is_file():
            digest.update(str(path.relative_to(places.ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:10]
