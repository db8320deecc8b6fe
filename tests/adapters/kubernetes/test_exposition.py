"""Pages of metrics: what is wanted is read, whatever stands beside it."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import parser

from serinus.adapters.kubernetes import exposition

PAGE = rb"""# HELP hits_total Requests.
# TYPE hits_total counter
hits_total 7
hits_total{code="200"} 12 1795804094000
hits_total{code="a \"quoted\" {brace} and a \\ and a \n"} 1.5e+02
hits_total{code="500"} NaN
hits_total{code="501"} +Inf
hits_total{code="502"} broken
hits_total_created{code="200"} 1
misses_total{code="200"} 3
"""


def test_only_the_wanted_metrics_are_read() -> None:
    found = list(exposition.Page("hits_total").samples(PAGE))

    assert [7.0, 12.0, 150.0] == [value for _, value in found[:3]]
    assert 5 == len(found)


def test_a_series_is_parted_into_its_name_and_its_labels() -> None:
    found = [name for name, _ in exposition.Page("hits_total").samples(PAGE)]

    assert ("hits_total", {}) == exposition.labelled(found[0])
    assert ("hits_total", {"code": "200"}) == exposition.labelled(found[1])
    wanted = 'a "quoted" {brace} and a \\ and a \n'
    assert ("hits_total", {"code": wanted}) == exposition.labelled(found[2])


def test_bytes_that_are_no_text_are_no_problem() -> None:
    found = list(exposition.Page("hits_total").samples(b'hits_total{code="\xff"} 1\n\x00\xfe 2'))

    assert [("hits_total", {"code": "\ufffd"})] == [exposition.labelled(n) for n, _ in found]


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(0, 10**9)), max_size=5))
def test_it_reads_what_the_library_reads(values: list[tuple[str, int]]) -> None:
    lines = ["# TYPE hits_total counter"]
    for text, value in values:
        escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        if "\r" not in text and text.isprintable():
            lines.append(f'hits_total{{code="{escaped}"}} {value}')
    page = "\n".join(lines) + "\n"
    samples = (s for f in parser.text_string_to_metric_families(page) for s in f.samples)
    found = exposition.Page("hits_total").samples(page.encode())

    assert [(s.name, s.labels, s.value) for s in samples] == [
        (*exposition.labelled(name), value) for name, value in found
    ]
