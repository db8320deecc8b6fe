import msgspec

from serinus.core.state.explanation import Asked, CheckExplained, Explanation, Forecast


def test_programs_read_names_in_camel_case() -> None:
    check = CheckExplained(
        name="errors",
        kind="errors",
        against="stable",
        outcome="pass",
        sentence="",
        weight=1.0,
        bound_ms=250,
        asked=(Asked("stable", "router", "requests"),),
        forecasts=(Forecast(event="alarm", share=0.01, seconds=60.0, sentence="soon"),),
    )
    found = msgspec.to_builtins(Explanation(at=None, test_stable_requests=3, checks=(check,)))

    assert 3 == found["testStableRequests"]
    assert 250 == found["checks"][0]["boundMs"]
    assert {"of": "stable", "source": "router", "text": "requests"} == (
        found["checks"][0]["asked"][0]
    )
    assert None is found["at"] is found["evidence"]
