from pathlib import Path

from serinus.adapters.local import records
from serinus.adapters.local.places import Places
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.records import Record

RECORD = Record(
    application="shop",
    environment="local",
    revision="a" * 64,
    ordinal=3,
    port=20000,
    process=Identity(12, 34, "boot"),
    started_at=1.5,
    note="ready after 0.3 s",
)


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    records.save(Places(tmp_path), RECORD)

    assert [RECORD] == list(records.load(Places(tmp_path)))
    assert RECORD.name == "aaaaaaaaaa-3"


def test_a_removed_record_leaves_nothing(tmp_path: Path) -> None:
    records.save(Places(tmp_path), RECORD)

    records.remove(Places(tmp_path), RECORD)
    records.remove(Places(tmp_path), RECORD)

    assert [] == list((tmp_path / "run" / "replicas").iterdir())


def test_a_damaged_record_harms_no_other(tmp_path: Path) -> None:
    records.save(Places(tmp_path), RECORD)
    Places(tmp_path).record(RECORD.key, "bbbbbbbbbb-0").write_text("{")

    assert [RECORD] == list(records.load(Places(tmp_path)))


def test_a_record_is_rebuilt_from_the_environment_of_its_process() -> None:
    environment = {
        "SERINUS_APPLICATION": "shop",
        "SERINUS_ENVIRONMENT": "local",
        "SERINUS_REVISION": "a" * 64,
        "SERINUS_REPLICA": "aaaaaaaaaa-3",
        "PORT": "20000",
    }

    rebuilt = records.rebuild(Identity(12, 34, "boot"), environment, now=9.0)

    assert rebuilt is not None
    assert (RECORD.key, RECORD.name, 20000, 9.0) == (
        rebuilt.key,
        rebuilt.name,
        rebuilt.port,
        rebuilt.started_at,
    )


def test_a_process_without_our_variables_has_no_record() -> None:
    assert records.rebuild(Identity(12, 34), {"PORT": "none"}, now=9.0) is None
