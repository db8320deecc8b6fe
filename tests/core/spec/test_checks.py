import msgspec

from serinus.core.spec import checks


def test_a_check_is_one_of_its_first_keys() -> None:
    names = {f.encode_name for f in msgspec.structs.fields(checks.Check)}

    assert set(checks.WHAT) < names


def test_a_set_takes_numbers_and_texts() -> None:
    written = {"use": "golden-signals", "with": {"ratio": 1.5, "latencyBound": "250ms"}}

    assert written == msgspec.to_builtins(msgspec.convert(written, checks.Check))
