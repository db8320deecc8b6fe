"""The metrics of applications, whatever they are called."""

from serinus.adapters.counters import application
from serinus.core.state.meaning import Place, What

PAGE = {"namespace": "team", "pod": "shop-a"}


def test_what_only_kubelets_ask_for_is_not_counted() -> None:
    made = application.Dialect()

    assert made.meaning("http_requests_total", {**PAGE, "path": "/healthz"}) is None
    assert made.meaning("http_requests_total", {**PAGE, "path": "/cart"}) is not None


def test_names_and_units_can_be_set() -> None:
    settings = application.Settings("hits", "took_ms", "code", seconds=False)
    made = application.Dialect(settings)
    failed = made.meaning("hits", {**PAGE, "code": "500"})
    timed = made.meaning("took_ms_bucket", {**PAGE, "le": "250"})

    assert "hits|took_ms_bucket" == made.metrics
    assert failed is not None
    assert What.ENDED | What.FAILED == failed.what
    assert timed is not None
    assert (250.0, Place("team", "shop-a")) == (timed.bound_ms, timed.pod)


def test_there_may_be_no_histogram() -> None:
    made = application.Dialect(application.Settings(durations=""))

    assert "http_requests_total" == made.metrics
    assert made.meaning("_bucket", {**PAGE, "le": "1"}) is None


def test_a_name_that_no_metric_can_have_is_told() -> None:
    (found,) = application.review(application.Settings(requests="http requests|.*"))

    assert "requests" == found.path
