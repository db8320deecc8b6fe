"""
What a revision needs on this disk: its description, and a read-only copy of its files.

Both are written once and never changed, so that a replica that is started again next week starts
from the same bytes.
"""

import contextlib
import hashlib
import shutil
from pathlib import Path, PurePosixPath

import msgspec

from serinus.adapters.local.places import Places, unwritten, write
from serinus.core.state.workload import Revision
from serinus.ports.failures import Rejected, Unavailable


def materialise(places: Places, revision: Revision) -> Path:
    """Make the revision's directory complete and return the directory of its files."""
    home = places.revision(revision.id)
    files = home / "files"
    described = home / "revision.json"
    if described.is_file():
        return files
    for name, digest in revision.workload.files.items():
        _copy(places.blobs / digest, files / _inside(revision, name), digest)
    try:
        files.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise unwritten(files, exc) from exc
    # Last, because it says that everything is there.
    write(described, msgspec.json.encode(revision))
    return files


def load(places: Places, revision: str) -> Revision | None:
    """Return a revision that was materialised before."""
    try:
        content = (places.revision(revision) / "revision.json").read_bytes()
        return msgspec.json.decode(content, type=Revision)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _inside(revision: Revision, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise Rejected(f"version {revision.version}: file {name!r} lies outside the workdir")
    return path


def _copy(blob: Path, target: Path, digest: str) -> None:
    try:
        content = blob.read_bytes()
    except OSError as exc:
        raise Unavailable(f"{target.name}: its content {digest[:10]} is not stored yet") from exc
    if hashlib.sha256(content).hexdigest() != digest:
        raise Rejected(f"{blob}: the stored content of {target.name} is damaged; deploy again")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        shutil.copyfile(blob, target)
        target.chmod(0o444)
    except OSError as exc:
        raise unwritten(target, exc) from exc
