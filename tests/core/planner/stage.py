"""One observation, with good defaults: v2 at 25 % next to three replicas of v1. All is well."""

from typing import Any

from serinus.core.planner.turn import Turn
from serinus.core.state.observed import Observed, Status
from serinus.core.state.release import Phase, Progress, Release
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.verdict import Test, TestKind
from serinus.core.state.workload import Replica
from tests import builders
from tests.builders import NEW, OLD, SHOP, at
from tests.films import scenes

DELIVERY = scenes.canary(10, 50, 250, 500)
TEST = Test(number=1, kind=TestKind.RUN)
STATUS = set(Status.__struct_fields__) - {"release"}
OBSERVED = set(Observed.__struct_fields__) - {"status"}


def release(**given: Any) -> Release:
    """A release that holds 25 % with one replica since noon and two minutes."""
    held = {"ordinals": (3,), "clock_at": at(3), "test": TEST, "test_at": at(1)}
    return builders.release(**{"delivery": DELIVERY, **held, **given})


def seen(**given: Any) -> Observed:
    """
    Keywords of Observed, Status, Release and Progress.

    ``weight``: what the route gives; ``first``: there was no version before; ``idle``: no release.
    """
    first = {"stable": None} if given.pop("first", False) else {}
    around = {name: given.pop(name) for name in list(given) if name in OBSERVED}
    kept = {name: given.pop(name) for name in list(given) if name in STATUS}
    weight = given.pop("weight", None)
    kept |= first
    found = None if given.pop("idle", False) else release(**given, **first)
    status = builders.status(release=found, **{"next_ordinal": 9, **kept})
    share = found.progress.share if found and weight is None else weight or 0
    ordinals = (*found.progress.ordinals, *found.progress.spare) if found else ()
    return Observed(
        **{
            "now": at(3),
            "status": status,
            "wanted": builders.wanted(),
            "route": route(share, status.stable_ordinals, found.progress.ordinals if found else ()),
            "replicas": (
                *(replica(OLD, o) for o in status.stable_ordinals),
                *(replica(NEW, o) for o in ordinals),
            ),
            **around,
        }
    )


def turn(**given: Any) -> Turn:
    """The same, as a turn that begins."""
    observed = seen(**given)
    return Turn(observed=observed, status=observed.status)


def replica(revision: str = NEW, ordinal: int = 3, **given: Any) -> Replica:
    return builders.replica(revision, ordinal, **given)


def route(share: int, old: tuple[int, ...] = (0, 1, 2), new: tuple[int, ...] = (3,)) -> Route:
    backends = [Backend(OLD, 1000 - share, endpoints(OLD, old))]
    if new or share:
        backends.append(Backend(NEW, share, endpoints(NEW, new)))
    return Route(SHOP.application, SHOP.environment, "shop.localhost", tuple(backends))


def endpoints(revision: str, ordinals: tuple[int, ...]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(f"{revision[:10]}-{o}", f"127.0.0.1:{9000 + o}") for o in ordinals)


def reading(**given: Any) -> Any:
    return builders.reading(
        **{"test": TEST, "test_requests": 500, "test_stable_requests": 1500, **given}
    )


def phase(moved: Turn | None) -> Phase:
    assert moved is not None
    return moved.progress.phase


def progress(moved: Turn | None) -> Progress:
    assert moved is not None
    return moved.progress


def told(moved: Turn | None) -> list[str]:
    assert moved is not None
    return [event.sentence for event in moved.events]
