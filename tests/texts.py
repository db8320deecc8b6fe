"""What is kept as texts: one file a test, to be read by a person before it is accepted."""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Text(SingleFileSnapshotExtension):
    """``__snapshots__/<test module>/<test>.txt``."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def told(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The text as it was accepted."""
    return snapshot.use_extension(Text)
