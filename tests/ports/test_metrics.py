import pytest

from serinus.ports import failures, metrics


def test_a_controller_without_sources_says_so() -> None:
    with pytest.raises(failures.Rejected) as raised:
        metrics.NOWHERE.source("local", "prometheus")

    said = "environment 'local' has no metric source 'prometheus'; known: none"
    assert said == str(raised.value)


def test_an_unknown_source_is_told_with_the_known_ones() -> None:
    found = metrics.unknown("local", "promethues", ("prometheus", "graphite"))

    assert str(found).endswith("known: graphite, prometheus")
    assert "spec.metrics.promethues" in found.hint
