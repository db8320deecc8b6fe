import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.local import documents, layout

SCALARS = st.none() | st.booleans() | st.integers(-9, 10**9) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ({"port": 8080}, "port: 8080\n"),
        ({"command": ["./shop", "--port", "${port}"]}, 'command: [./shop, --port, "${port}"]\n'),
        ({"health": {"path": "/healthz"}}, "health:\n  path: /healthz\n"),
        ({"resources": {"cpu": "1", "memory": "64Mi"}}, 'resources: {cpu: "1", memory: 64Mi}\n'),
        (
            {"checks": [{"use": "golden-signals"}, {"name": "limit", "errors": {"slo": {}}}]},
            "checks:\n- use: golden-signals\n- name: limit\n  errors:\n    slo: {}\n",
        ),
    ],
)
def test_values_are_laid_out_as_people_do(value: dict[str, object], lines: str) -> None:
    assert lines == layout.block(value, 0)


@given(st.dictionaries(st.text(max_size=6).filter(lambda key: key != "<<"), VALUES, min_size=1))
def test_what_is_laid_out_is_read_back(value: dict[str, object]) -> None:
    (block,) = documents.parse(layout.block(value, 0)).documents
    (flow,) = documents.parse(layout.flow(value)).documents

    assert value == block.data
    assert value == flow.data
