"""
A controller that is killed again and again, over a good release and a bad one, in a real cluster.

    python -m benchmarks.cluster_kills [--moments 10] [--seed N]

It starts the test cluster where none is up (root and Go; see `make cluster`). podinfo runs in real
pods behind Traefik, with 50 requests a second through it, and `serinus controller` is a process of
its own. First a good image and one that fails are released in peace, which tells how long that
takes. Then both again: the controller is killed (`kill -9`) at so many random moments of that time,
and begun again after a second with an empty disk. Only time in which a controller works counts, so
the release is hit from its beginning to its end. Where it is over before its last moment, as some
of its waiting is done while no controller runs, another one follows for the kills that are left.
"""

import argparse
import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from anyio.from_thread import start_blocking_portal

from benchmarks import cluster_load, cluster_shop
from benchmarks.cluster_load import Load, Sent
from benchmarks.cluster_shop import Object, Shop
from benchmarks.results import Result, tell

RATE = 50.0
MOMENTS = 10
MOST = 5
"""So many releases of an image at most."""

FIRST = "podinfo:6.0.0"
GOOD, BAD = "podinfo:6.0.1", "podinfo:6.0.4-errors"
ENDS = {GOOD: "Succeeded", BAD: "Rolled back"}
AWAY_S = 1.0
LOOK_S = 0.5
WARM_S = 5.0
LIMIT_COST_S = 35.0
"""
A new process looks every 2 s whether the Lease is renewed, for 20 s. The second without one, its
start, and the list of what there is come on top; one that stood by needs only the 20 s.
"""

ONCE = frozenset({"release", "step", "retreat", "result"})
ALARM, RESUMED = "Alarm", "Resumed"
"""
After each alarm steps and probes begin anew; until then each of these kinds is decided once. A
release may be resumed as often as it was held.
"""


@dataclass
class Played:
    """One release: its status, its requests, and how long each kill left it without a master."""

    image: str
    number: int
    status: Object
    counted: Sent
    took_s: float
    costs_s: list[float] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Return how many requests nobody answered, or the router in the place of podinfo."""
        return sum(self.counted.lost.values())

    @property
    def wrong_end(self) -> bool:
        """Tell whether it ended otherwise than it should."""
        return bool(self.status["phase"] != ENDS[self.image])

    @property
    def twice(self) -> list[str]:
        """Return what was decided again though nothing had come between."""
        seen: set[str] = set()
        found = []
        for one in self.status["decisions"]:
            sentence = one["sentence"]
            if one["kind"] in ONCE and one["reason"] != RESUMED and sentence in seen:
                found.append(sentence)
            seen = {sentence} if one["reason"] == ALARM else seen | {sentence}
        return found


def peaceful(shop: Shop, load: Load, image: str, number: int) -> Played:
    """Make a release whose controller lives."""
    with shop.controller():
        counted, began = load.begin(), time.monotonic()
        shop.want(image, str(number))
        return Played(image, number, shop.ended(number), counted, time.monotonic() - began)


def deadly(shop: Shop, load: Load, image: str, number: int, moments: Sequence[float]) -> Played:
    """Make a release whose controller is killed at these seconds of its work."""
    costs: list[float] = []
    life = shop.begin()
    try:
        life.works()
        counted, began, worked = load.begin(), time.monotonic(), 0.0
        shop.want(image, str(number))
        for moment in moments:
            if _ends_within(shop, number, moment - worked):
                break
            life.kill()
            killed, worked = time.monotonic(), moment
            time.sleep(AWAY_S)
            life = shop.begin()
            life.works()
            costs.append(time.monotonic() - killed)
        status = shop.ended(number)
        return Played(image, number, status, counted, time.monotonic() - began, costs)
    finally:
        life.end()


def _ends_within(shop: Shop, number: int, seconds: float) -> bool:
    """Wait for so long, or until the release has ended; tell which of both it was."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > LOOK_S:
        if "endedAt" in shop.release(number):
            return True
        time.sleep(min(LOOK_S, left))
    time.sleep(max(0.0, end - time.monotonic()))
    return False


def chosen(dice: random.Random, number: int, within_s: float) -> list[float]:
    """Return random moments in their order."""
    return sorted(dice.uniform(0.0, within_s) for _ in range(number))


@contextlib.contextmanager
def staged(name: str) -> Iterator[tuple[Shop, Load]]:
    """Let the first image serve, with requests under way."""
    with cluster_shop.opened(name) as shop:
        with shop.controller():
            shop.want(FIRST, "1")
            shop.ended(1)
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(
                cluster_load.flowing(shop.address, shop.host, RATE)
            ) as load,
        ):
            time.sleep(WARM_S)
            yield shop, load


def measure(moments: int, seed: int) -> list[Result]:
    """Release in peace and under fire, and compare."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    with staged("kills") as (shop, load):
        calm = {image: peaceful(shop, load, image, n) for n, image in enumerate(ENDS, 2)}
        hit: list[Played] = []
        for image in ENDS:
            left = moments
            for _ in range(MOST):
                when = chosen(dice, left, calm[image].took_s)
                number = 2 + len(calm) + len(hit)
                hit.append(deadly(shop, load, image, number, when))
                left -= len(hit[-1].costs_s)
                if left <= 0:
                    break
        more = shop.releases() - 1 - len(calm) - len(hit)
    for one in (*calm.values(), *hit):
        _say(one)
    return [
        Result("kills: requests sent", sum(one.counted.sent for one in hit), ""),
        Result("kills: requests lost", sum(one.lost for one in hit), "", 0.0),
        Result("kills: requests lost in peace", sum(one.lost for one in calm.values()), "", 0.0),
        *(line for image in ENDS for line in _of(image, calm[image], hit)),
        Result("kills: decisions made twice", sum(len(one.twice) for one in hit), "", 0.0),
        Result("kills: releases that nobody asked for", more, "", 0.0),
        Result(
            "kills: without a controller, the longest",
            max((cost for one in hit for cost in one.costs_s), default=0.0),
            "s",
            LIMIT_COST_S,
        ),
    ]


def _of(image: str, calm: Played, hit: list[Played]) -> list[Result]:
    """Return what became of the releases of one image."""
    mine = [one for one in hit if one.image == image]
    wrong = sum(one.wrong_end for one in (calm, *mine))
    name = f"kills: {image.rpartition(':')[2]}"
    return [
        Result(f"{name}, controllers killed", sum(len(one.costs_s) for one in mine), ""),
        Result(f"{name}, releases not {ENDS[image].lower()}", wrong, "", 0.0),
        Result(f"{name}, a release in peace", calm.took_s, "s"),
        Result(f"{name}, the longest release", max((o.took_s for o in mine), default=0.0), "s"),
    ]


def _say(one: Played) -> None:
    lost = ", ".join(f"{kind}: {times}" for kind, times in one.counted.lost.items())
    failed = f"{one.counted.errors:,} answered with an error by podinfo"
    lines = [
        f"   {one.image}, {len(one.costs_s)} kills: {one.status['sentence']}",
        f"      {one.counted.sent:,} requests, {failed}{f'; lost {lost}' if lost else ''}",
        *(f"      {d['at'][11:19]} {d['sentence']}" for d in one.status["decisions"]),
        *(f"      TWICE: {sentence}" for sentence in one.twice),
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - for the person who reads the table


def run(full: bool) -> list[Result]:  # noqa: ARG001, FBT001 - as of every benchmark
    """Measure once, with the same moments each time."""
    return measure(MOMENTS, 1)


def main() -> int:
    """Print what was found; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster_kills")
    parser.add_argument("--moments", type=int, default=MOMENTS, help="kills of each release")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    asked = parser.parse_args()
    return tell(measure(asked.moments, asked.seed))


if __name__ == "__main__":
    raise SystemExit(main())
