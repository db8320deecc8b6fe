import hashlib

from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import canonical

SIMPLE = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
MAPPINGS = st.dictionaries(st.text(), st.dictionaries(st.text(), SIMPLE) | SIMPLE)


def test_keys_are_sorted_and_nothing_is_spaced() -> None:
    assert b'{"a":{"b":1,"c":2},"d":3}' == canonical.text({"d": 3, "a": {"c": 2, "b": 1}})


@given(MAPPINGS)
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    turned = {
        key: dict(reversed(item.items())) if isinstance(item, dict) else item
        for key, item in reversed(value.items())
    }

    assert canonical.digest(value) == canonical.digest(turned)


def test_the_digest_is_the_sha256_of_the_text() -> None:
    expected = hashlib.sha256(b'{"a":1}').hexdigest()

    assert expected == canonical.digest({"a": 1})
