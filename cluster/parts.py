"""
What the cluster is built from: Go modules at pinned versions, built once and kept.

A part lies in `<cache>/<name>-<version>-<key>/`, where the key is made from all that its bytes
depend on: versions, flags, the sources in `cluster/go` and the Go compiler. It appears there whole
or not at all.
"""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cluster import places

SOURCES = places.ROOT / "cluster" / "go"
KUBERNETES = "v1.37.2"
CONTAINERD = "v2.4.2"
PODINFO = "v1.8.1-0.20250910200901-e86405a8674e"  # podinfo 6.9.2, as its module counts
KWOK = "v0.8.0"
ISTIO = "v0.0.0-20260827124520-eed52ebb66ad"
OLDEST_GO = (1, 26)
VERSION_OF_KUBERNETES = " ".join(
    f"-X k8s.io/component-base/version.{name}={value}"
    for name, value in {"gitVersion": KUBERNETES, "gitMajor": "1", "gitMinor": "37"}.items()
)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """
    Programs that are built together.

    Attributes:
        name: Short name; without packages, also the folder below `cluster/go` with the module.
        version: Version of what is built, for people and for the name of the folder.
        programs: Names of the files that result.
        packages: Commands of a published module that `go install` builds, without the version.
        target: What `go build` builds in the part's own module.
        tags: Build tags, separated by spaces.
        link: Flags of the linker, beyond those that leave out symbols.
    """

    name: str
    version: str
    programs: tuple[str, ...]
    packages: tuple[str, ...] = ()
    target: str = "."
    tags: str = ""
    link: str = ""


CONTAINERD_PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr")
PARTS = {
    part.name: part
    for part in (
        Part("kubernetes", KUBERNETES, ("kubernetes",), link=VERSION_OF_KUBERNETES),
        Part("etcd", "v3.6.5", ("etcd",)),
        Part("pause", "v1", ("pause",)),
        Part(
            "containerd",
            CONTAINERD,
            CONTAINERD_PROGRAMS,
            packages=tuple(
                f"github.com/containerd/containerd/v2/cmd/{name}" for name in CONTAINERD_PROGRAMS
            ),
            tags="no_btrfs no_zfs no_devmapper",
        ),
        Part("podinfo", PODINFO, ("podinfo",), ("github.com/stefanprodan/podinfo/cmd/podinfo",)),
        Part(
            "metrics-server",
            "v0.9.0",
            ("metrics-server",),
            packages=("sigs.k8s.io/metrics-server/cmd/metrics-server",),
        ),
        Part("kwok", KWOK, ("kwok",), ("sigs.k8s.io/kwok/cmd/kwok",)),
        Part(
            "istiod",
            ISTIO,
            ("pilot-discovery",),
            target="istio.io/istio/pilot/cmd/pilot-discovery",
        ),
    )
}
NEEDED = ("kubernetes", "etcd", "pause", "containerd", "podinfo")
"""What every cluster needs; the others are built when a test asks for them."""


def program(name: str) -> Path:
    """Return the path of a program; its part is built first where it is not in the cache."""
    part = next(part for part in PARTS.values() if name in part.programs)
    return build(part) / name


def build(part: Part) -> Path:
    """Return the folder with the programs of a part, and build them where they are missing."""
    folder = places.cache() / f"{part.name}-{part.version}-{key(part, compiler())}"
    if folder.is_dir():
        return folder
    with locked(f"build-{part.name}"):
        if not folder.is_dir():
            begun = time.monotonic()
            print(f"building {part.name} {part.version}", flush=True)
            with tempfile.TemporaryDirectory(dir=places.cache(), prefix=".building-") as made:
                compile_into(Path(made) / "out", part)
                (Path(made) / "out").rename(folder)
            print(f"built {part.name} in {time.monotonic() - begun:.0f} s", flush=True)
    return folder


def key(part: Part, built_by: str) -> str:
    """Return what distinguishes this build of a part, by this compiler, from every other one."""
    digest = hashlib.sha256(repr((part, built_by)).encode())
    source = SOURCES / part.name
    for path in sorted(source.iterdir()) if source.is_dir() else ():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def compile_into(folder: Path, part: Part) -> None:
    """Build the programs of a part into a new folder."""
    folder.mkdir()
    flags = ["-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {part.link}".strip()]
    if part.tags:
        flags += ["-tags", part.tags]
    if part.packages:
        named = [f"{package}@{part.version}" for package in part.packages]
        go("install", *flags, *named, cwd=folder, env={"GOBIN": str(folder)})
    else:
        output = str(folder / part.programs[0])
        go("build", *flags, "-o", output, part.target, cwd=SOURCES / part.name, env={})
    if missing := [name for name in part.programs if not (folder / name).is_file()]:
        raise SystemExit(f"cluster: {part.name} was built, but {missing} did not result")


def module(path: str, version: str) -> Path:
    """Return the folder of a module's files, as the Go module cache has them."""
    answer = go("mod", "download", "-json", f"{path}@{version}", cwd=Path("/"), env={}, quiet=True)
    return Path(json.loads(answer)["Dir"])


def go(*arguments: str, cwd: Path, env: dict[str, str], quiet: bool = False) -> str:
    """Run the Go tool; its output is shown, or returned where it is wanted quiet."""
    compiler()
    settings = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=readonly"} | env
    if quiet or "install" in arguments:
        settings.pop("GOFLAGS")
    answer = subprocess.run(
        ["go", *arguments],
        cwd=cwd,
        env=settings,
        check=False,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
    )
    if answer.returncode:
        raise SystemExit(f"cluster: `go {' '.join(arguments)}` failed; its words are above")
    return answer.stdout or ""


@functools.cache
def compiler() -> str:
    """Return the version of the Go compiler, which must be there and young enough."""
    wanted = ".".join(map(str, OLDEST_GO))
    if shutil.which("go") is None:
        raise SystemExit(
            "cluster: there is no `go` in PATH; Kubernetes is built from its source, which "
            f"needs Go {wanted} or later: https://go.dev/doc/install"
        )
    answer = subprocess.run(
        ["go", "env", "GOVERSION", "GOOS", "GOARCH"], check=True, capture_output=True, text=True
    )
    version = answer.stdout.split()[0].removeprefix("go")
    if tuple(int(number) for number in version.split("-")[0].split(".")[:2]) < OLDEST_GO:
        raise SystemExit(f"cluster: Go {version} is too old, want {wanted} or later")
    return answer.stdout


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep other commands out of the same work; they wait."""
    folder = places.cache()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"cluster: waiting for another command ({name})", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Build all that a cluster needs, or the parts that are named."""
    for name in sys.argv[1:] or NEEDED:
        print(build(PARTS[name]))


if __name__ == "__main__":
    main()
