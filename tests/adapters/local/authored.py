"""The documents of a directory, for the tests that all places of documents meet."""

from pathlib import Path

from serinus.adapters.local.authoring import Documents
from tests.adapters.local import written
from tests.conformance.desks import Desk


def desk(tmp_path: Path) -> Desk:
    """An empty directory, and what others do in it."""
    specs = written.specs(tmp_path)

    def put(text: str) -> None:
        (specs.directory / "shop.yaml").write_text(text)

    def keep(name: str) -> None:
        written.git(specs.directory, "init", "-q")
        written.git(specs.directory, "add", f"{name}.yaml")

    def texts() -> dict[str, str]:
        return {path.name: path.read_text() for path in specs.directory.glob("*.yaml")}

    return Desk(Documents(specs), put, keep, texts)
