"""What ``serinus export`` takes to a cluster: the directory's documents, and built-in templates."""

from collections.abc import Sequence
from pathlib import Path

from serinus.adapters.local import documents, manifests
from serinus.adapters.local.exports import Exported
from serinus.adapters.local.manifests import Manifest as Manifest
from serinus.boot import catalogue, home
from serinus.boot.settings import Settings


def export(
    settings: Settings,
    file: Path | None = None,
    wanted: Sequence[str] = (),
    namespace: str = "",
    *,
    builtin: bool = False,
) -> Exported:
    """
    Return the manifests of the specs, or of a file alone.

    ``builtin``: with the built-in templates that the applications use, so that they stand for
    themselves.
    """
    found = home.specs_of(settings, file).export(namespace, wanted)
    if not (builtin and found.manifests):
        return found
    used = [_builtin(name, version, namespace) for name, version in found.templates]
    own = [one for one in used if one is not None]
    return found._replace(manifests=(*own, *found.manifests))


def _builtin(name: str, version: str, namespace: str) -> Manifest | None:
    """Return a built-in template as a manifest, None for one of the directory's own."""
    found = catalogue.source(name, version)
    if found is None:
        return None
    file, text = found
    (document,) = documents.parse(text).documents
    return manifests.manifest(text, document, f"built-in {file}", namespace)
