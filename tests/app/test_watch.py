import msgspec
from hypothesis import given
from hypothesis import strategies as st

from serinus.app import watch
from serinus.core.state.counts import Scrape
from tests import strategies


@given(
    release=st.integers(0, 999),
    scrape=strategies.values(Scrape),
    written=st.floats(0, 1e12),
)
def test_a_watch_comes_back_bit_for_bit(release: int, scrape: Scrape, written: float) -> None:
    kept = watch.Watch(release=release, scrape=scrape, written=written)

    assert kept == watch.decode(watch.encode(kept))


def test_a_watch_from_before_anything_but_counts_was_looked_at_can_be_read() -> None:
    kept = watch.Watch(release=7, written=5.0)
    body = msgspec.msgpack.decode(watch.encode(kept))
    for name in ("meter", "waiting"):
        del body[name]

    assert kept == watch.decode(msgspec.msgpack.encode(body))


def test_a_new_watch_has_seen_nothing() -> None:
    assert (0, None, None) == (
        watch.Watch().release,
        watch.Watch().scrape,
        watch.Watch().judge,
    )
