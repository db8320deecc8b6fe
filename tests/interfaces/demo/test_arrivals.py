import itertools
from collections import Counter
from itertools import islice

import pytest

from serinus.interfaces.demo import arrivals
from serinus.interfaces.demo.arrivals import Ask, Pattern


def test_even_arrivals_come_as_a_clock_ticks() -> None:
    moments = list(arrivals.moments(Pattern.EVEN, 400, 0, 2.0))

    assert len(moments) == 800
    assert [0.0, 0.0025, 0.005] == moments[:3]


def test_poisson_arrivals_are_those_of_their_seed() -> None:
    one, same, other = (
        list(arrivals.moments(Pattern.POISSON, 400, seed, 10.0)) for seed in (1, 1, 2)
    )

    assert one == same
    assert one != other
    assert one == sorted(one)
    assert one[-1] < 10.0


def test_poisson_arrivals_keep_the_rate_and_come_in_crowds() -> None:
    moments = list(arrivals.moments(Pattern.POISSON, 400, 1, 50.0))

    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(moments))
    assert 19_500 < len(moments) < 20_500
    assert gaps[len(gaps) // 2] == pytest.approx(0.6931 / 400, rel=0.05)


def test_a_mix_is_read_in_order() -> None:
    expected = (Ask("GET", "/", 5), Ask("POST", "/api/checkout", 1), Ask("HEAD", "/a?b=c", 1))

    assert expected == arrivals.mix("/=5, POST /api/checkout=1,HEAD /a?b=c=1")


@pytest.mark.parametrize(
    "text",
    ["", "/", "/=", "/=0", "/=1001", "x=1", "DELETE /=1", "GET  /=1", "/=1,", "/\n=1", "/=²"],
)
def test_what_is_no_mix_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as /=5"):
        arrivals.mix(text)


def test_paths_are_asked_for_by_their_weights_and_their_seed() -> None:
    kinds = arrivals.mix("/=3,/a=1")

    counts = Counter(ask.path for ask in islice(arrivals.asks(kinds, 1), 4000))
    assert 2900 < counts["/"] < 3100
    assert list(islice(arrivals.asks(kinds, 1), 600)) == list(islice(arrivals.asks(kinds, 1), 600))


def test_a_post_bears_the_key_that_makes_it_safe_to_repeat() -> None:
    post = Ask("POST", "/api/checkout", 1).render("shop.localhost", "7-1")

    head, _, body = post.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/checkout HTTP/1.1\r\nhost: shop.localhost\r\n")
    assert b"\r\nidempotency-key: 7-1\r\n" in head
    assert b"content-length: %d" % len(body) in head


def test_a_get_is_a_head_alone() -> None:
    assert Ask("GET", "/", 1).render("shop", "").endswith(b"user-agent: serinus-demo\r\n\r\n")
