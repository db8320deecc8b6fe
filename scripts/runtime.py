"""
The files of a Python that runs in an empty image: this interpreter, and what it needs.

    /usr/local/bin/python3            the interpreter
    /usr/local/lib/python3.x          its standard library
    /usr/local/lib/shared             the shared libraries of interpreter and packages
    /usr/local/lib/serinus            packages
    /etc                              certificates, names of users

Nothing is taken from a registry of images: the machine that makes the image has all of it. So it
needs the same kind of processor as the one that will run it, and a Linux with the GNU C library.
"""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
STDLIB = f"usr/local/lib/{VERSION}"
SHARED = "usr/local/lib/shared"
PACKAGES = "usr/local/lib/serinus"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
ENV = {
    "PATH": "/usr/local/bin",
    "HOME": "/tmp",  # noqa: S108  a pod mounts a folder of its own there
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": f"/{SHARED}",
    "PYTHONHOME": "/usr/local",
    "PYTHONPATH": f"/{PACKAGES}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "SSL_CERT_FILE": str(CERTIFICATES),
}
USERS = {
    "etc/passwd": "root:x:0:0:root:/:/none\nserinus:x:65532:65532:serinus:/tmp:/none\n",
    "etc/group": "root:x:0:\nserinus:x:65532:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
LEFT_OUT = {
    "__pycache__",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
    "venv",
}
"""Folders of the standard library that a server never reads."""

OF_THE_MACHINE = {"direct_url.json", "uv_cache.json", "RECORD", ".lock"}
MODULES_LEFT_OUT = re.compile(
    r"^(_tkinter|_curses|readline|_dbm|_gdbm|nis|_?xx|_test|_ctypes_test)"
)
FOUND = re.compile(r"=> (/\S+) \(|^\s*(/\S+) \(", re.MULTILINE)


def files(installed: Path) -> dict[str, Path]:
    """Return what lies where in the image, packages included: path in the image → file on disk."""
    if sys.platform != "linux" or not CERTIFICATES.exists():
        sys.exit(f"image: it is made on Linux, with {CERTIFICATES} (Debian: ca-certificates)")
    interpreter = Path(os.path.realpath(sys.executable))
    standard = dict(library(Path(sysconfig.get_path("stdlib"))))
    added = packages(installed)
    binaries = [interpreter, *(p for p in (standard | added).values() if ".so" in p.suffixes)]
    return {
        f"usr/local/bin/{VERSION}": interpreter,
        "usr/local/bin/python3": interpreter,
        str(CERTIFICATES).lstrip("/"): CERTIFICATES,
        **standard,
        **added,
        **shared(binaries, installed),
    }


def library(folder: Path) -> Iterable[tuple[str, Path]]:
    """Yield the files of the standard library that a server may need."""
    for path in below(folder):
        inside = path.relative_to(folder)
        if LEFT_OUT & set(inside.parts) or inside.parts[0].startswith("config-"):
            continue
        if inside.parts[0] == "lib-dynload" and MODULES_LEFT_OUT.match(path.name):
            continue
        yield f"{STDLIB}/{inside}", path


def packages(folder: Path) -> dict[str, Path]:
    """Return where installed packages lie, but for what tells of the machine they are from."""
    return {
        f"{PACKAGES}/{path.relative_to(folder)}": path
        for path in below(folder)
        if path.parent != folder / "bin" and path.name not in OF_THE_MACHINE
    }


def below(folder: Path) -> list[Path]:
    """Return the files below a folder, without what Python made from them."""
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".pyc"]


def shared(binaries: Iterable[Path], installed: Path) -> Mapping[str, Path]:
    """Return the shared libraries that binaries ask for, but for those of the packages."""
    found: dict[str, Path] = {}
    for binary in binaries:
        answer = subprocess.run(["ldd", binary], check=False, capture_output=True, text=True)
        for path in (Path(a or b) for a, b in FOUND.findall(answer.stdout)):
            if path.name.startswith("ld-"):
                found[str(path).lstrip("/")] = path.resolve()
            elif not path.is_relative_to(installed):
                found[f"{SHARED}/{path.name}"] = path.resolve()
    return found
