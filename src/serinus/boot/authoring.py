"""Who writes documents in a cluster, and with which pen: that of this machine's texts."""

from collections.abc import Mapping, Sequence

from serinus.adapters.kubernetes.authoring import Documents, Listed, Pen, Text
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.specs import Ground
from serinus.adapters.local import amending, documents, layout
from serinus.ports.documents import Edit


def of_cluster(
    client: Client, caches: Mapping[str, Listed], ground: Ground, namespace: str | None = None
) -> Documents:
    """
    Return the documents of a cluster.

    ``caches``: those of :data:`serinus.adapters.kubernetes.authoring.KINDS`, running. ``ground``:
    the one of the controller's specs. ``namespace``: the only one of them, None: any.
    """
    return Documents(client, caches, ground, PEN, namespace)


def _read(text: str) -> Text:
    _, page = documents.read(text.encode())
    own = tuple(problem for document in page.documents for problem in document.problems)
    alone = len(page.documents) == 1
    return Text(
        tuple(document.data for document in page.documents),
        (*page.problems, *own),
        documents.positions(page.documents[0].root) if alone else {},
    )


def _edit(text: str, edits: Sequence[Edit]) -> str:
    return amending.amend(text.replace("\r\n", "\n"), edits)


PEN = Pen(_read, lambda data: layout.block(dict(data), 0), _edit)
