from typing import Any

import msgspec

from serinus.core.spec import checks


def test_a_check_is_one_of_its_first_keys() -> None:
    names = {f.encode_name for f in msgspec.structs.fields(checks.Check)}

    assert set(checks.WHAT) < names


def test_a_set_takes_numbers_and_texts() -> None:
    written = {"use": "golden-signals", "with": {"ratio": 1.5, "latencyBound": "250ms"}}

    assert written == msgspec.to_builtins(msgspec.convert(written, checks.Check))


def test_what_is_written_is_read_back() -> None:
    written: list[dict[str, Any]] = [
        {"errors": {"slo": {"max": "1%", "over": "30d", "burn": "default", "freeze": True}}},
        {"latency": {"slo": {"max": "1%", "burn": [{"long": "1h", "short": "5m", "rate": 2.0}]}}},
        {"logs": {"pattern": "ERROR", "stable": {"ratio": 2.0}}},
        {"newLines": {"pattern": "ERROR", "times": 1}},
        {"query": {"promql": "up", "stable": {"plus": 0.0, "worse": "lower"}, "every": "1m"}},
        {"resources": {"only": ["cpu"], "stable": {"ratio": 1.5}}},
    ]

    assert written == msgspec.to_builtins(msgspec.convert(written, list[checks.Check]))
