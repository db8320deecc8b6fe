"""What may be said of the traffic, and what sources may say of it."""

import math
from collections.abc import Mapping

import pytest

from serinus.adapters.memory import metrics as memory
from serinus.app.basis import Given
from serinus.core.state.sample import Series
from serinus.interfaces.cli.traffic import Traffic
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures
from serinus.ports.metrics import NOWHERE, Metrics
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio

RATE = 'sum(rate(requests{app="shop"}[1h]))'


def says(answers: Mapping[str, float]) -> Metrics:
    """Return a source that says one number for each query, and nothing to others."""

    def say(query: str, at: float) -> tuple[Series, ...]:
        return (Series({}, ((at, answers[query]),)),) if query in answers else ()

    return memory.Metrics({("local", "prometheus"): memory.Source(say)})


async def given(traffic: Traffic, metrics: Metrics = NOWHERE) -> Given:
    return await traffic.given(SHOP, lambda: metrics, builders.NOON)


async def test_what_is_said_of_the_traffic_is_read() -> None:
    assert Given() == await given(Traffic())
    assert Given(12.5, 0.001, 0.0, 3) == await given(Traffic("12.5", "0.1%", "0%", 3))
    assert Given(errors=1.0) == await given(Traffic(base_errors="100%"))


async def test_a_source_is_asked_where_a_query_stands() -> None:
    query = 'sum(rate(requests{app="$application"}[$window]))'
    source = says({RATE: 98.2, "bad": 0.0011})

    found = await given(Traffic(f"prometheus:{query}", "prometheus:bad", "1%"), source)

    assert Given(98.2, 0.0011, 0.01, sources=("prometheus", "prometheus", "")) == found


def test_all_that_is_wrong_with_it_is_told_at_once() -> None:
    with pytest.raises(Trouble) as caught:
        Traffic("-1", "150%", 'prometheus:rate(x{r="$revision"}[1h])', 0).check()

    assert Code.USAGE == caught.value.code
    assert [
        "--rate -1: want requests a second, above 0 and at most 10,000,000",
        "--base-errors 150%: want 0% to 100%; a source says it as a fraction, 0 to 1",
        (
            '--slow prometheus:rate(x{r="$revision"}[1h]): '
            "$revision is of a release, and there is none yet; wanted a query for everybody"
        ),
        "--replicas 0: want 1 to 10,000",
    ] == caught.value.why.splitlines()


@pytest.mark.parametrize("rate", ["0", "nan", "inf", "1e9", "many", "", "prometheus:"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(Trouble, match="not possible"):
        Traffic(rate).check()


@pytest.mark.parametrize("share", ["-1%", "much", "5", "0.1"])
def test_a_share_is_a_percentage(share: str) -> None:
    with pytest.raises(Trouble) as caught:
        Traffic(base_errors=share).check()

    assert f"'{share}' is not a percentage" in caught.value.why


@pytest.mark.parametrize("number", [-1.0, 0.0, 1e9])
async def test_a_rate_that_cannot_be_is_refused_from_a_source_too(number: float) -> None:
    with pytest.raises(Trouble, match=r"--rate: prometheus says") as caught:
        await given(Traffic(f"prometheus:{RATE}"), says({RATE: number}))

    assert "above 0" in caught.value.why


async def test_a_share_from_a_source_is_a_fraction() -> None:
    with pytest.raises(Trouble, match=r"--slow: prometheus says 5") as caught:
        await given(Traffic(slow="prometheus:x"), says({"x": 5.0}))

    assert "fraction" in caught.value.why


@pytest.mark.parametrize("answers", [{}, {RATE: math.nan}])
async def test_no_number_is_a_clear_error_and_no_zero(answers: Mapping[str, float]) -> None:
    with pytest.raises(failures.Rejected, match="--rate: prometheus has no number for it"):
        await given(Traffic(f"prometheus:{RATE}"), says(answers))


async def test_an_unknown_source_is_told_with_the_known_ones() -> None:
    with pytest.raises(failures.Rejected, match="no metric source 'graphite'; known: prometheus"):
        await given(Traffic("graphite:x"), says({}))
