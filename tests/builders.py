"""
Values with good defaults: a test names what it is about, and nothing else.

``release(phase=Phase.HELD)``, ``status(release=None)``, ``reading(bad=12)``.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Hold,
    LatencyCheck,
    Strategy,
    TrafficStep,
)
from serinus.core.state.counts import Arm, Tick
from serinus.core.state.intent import Answer, Intent, Verb
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Phase, Progress, Release
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.verdict import Outcome, Reading, StreamReading, Test, TestKind
from serinus.core.state.workload import Replica, ReplicaState, Revision, Workload

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHOP = Key("shop", "local")
OLD = "a1b2c3d4e5" + "0" * 54
NEW = "d4e5f6a7b8" + "1" * 54


def at(minutes: float = 0, seconds: float = 0) -> datetime:
    """Some time after noon."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def workload(**given: Any) -> Workload:
    return Workload(**{"command": ("./shop", "--port", "${port}"), **given})


def revision(id: str = NEW, version: str = "v2", **given: Any) -> Revision:  # noqa: A002 - the field is called so
    return Revision(id=id, version=version, workload=workload(**given))


def delivery(**given: Any) -> Delivery:
    steps = tuple(
        TrafficStep(share=share, hold=Hold(for_s=60, min_samples=200))
        for share in (10, 50, 250, 500)
    )
    checks = (
        ErrorsCheck(name="error-rate", against=AgainstStable()),
        LatencyCheck(name="latency", against=AgainstStable(), bounds_ms=(250,)),
    )
    return Delivery(
        **{
            "strategy": Strategy.CANARY,
            "steps": steps,
            "checks": checks,
            "template": "canary-standard",
            "template_version": "1.0.0",
            **given,
        }
    )


def progress(**given: Any) -> Progress:
    return Progress(
        **{
            "phase": Phase.ROLLING,
            "since": at(2),
            "step": 2,
            "step_at": at(2),
            "share": 250,
            "max_share": 250,
            "exposed": 4812,
            "bad": 9,
            "ordinals": (0,),
            "sentence": "Step 3 of 4: 25 % of the traffic goes to v2, and both checks pass.",
            **given,
        }
    )


def release(number: int = 7, **given: Any) -> Release:
    """A release in flight; keywords of Progress are taken too."""
    names = set(Progress.__struct_fields__)
    inner = {name: given.pop(name) for name in list(given) if name in names}
    return Release(
        **{
            "application": "shop",
            "environment": "local",
            "number": number,
            "candidate": NEW,
            "stable": OLD,
            "version": "v2",
            "stable_version": "v1",
            "delivery": delivery(),
            "delivery_hash": "f" * 64,
            "replicas": 3,
            "actor": "ada",
            "reason": "cheaper shipping",
            "created_at": at(0),
            "progress": progress(**inner),
            **given,
        }
    )


def ended(phase: Phase = Phase.SUCCEEDED, number: int = 6, **given: Any) -> Release:
    sentence = {
        Phase.SUCCEEDED: "v2 serves everybody: no check found a regression.",
        Phase.ROLLED_BACK: "Rolled back: errors 4.8 % against 0.2 % on stable.",
    }.get(phase, f"{phase}.")
    return release(
        number, **{"phase": phase, "ended_at": at(9), "share": 0, "sentence": sentence, **given}
    )


def status(key: Key = SHOP, **given: Any) -> Status:
    return Status(
        **{
            "key": key,
            "stable": OLD,
            "stable_version": "v1",
            "stable_ordinals": (0, 1, 2),
            "host": f"{key.application}.localhost",
            "release": release(application=key.application),
            "releases": 7,
            **given,
        }
    )


def idle(key: Key = SHOP, **given: Any) -> Status:
    """Nothing is in flight."""
    return status(key, **{"release": None, **given})


def wanted(**given: Any) -> Wanted:
    return Wanted(
        **{
            "revision": revision(),
            "replicas": 3,
            "host": "shop.localhost",
            "delivery": delivery(),
            "delivery_hash": "f" * 64,
            **given,
        }
    )


def stream(check: str = "error-rate", **given: Any) -> StreamReading:
    return StreamReading(
        **{
            "check": check,
            "outcome": Outcome.PASS,
            "evidence": 0.4,
            "requests": 4812,
            "bad": 9,
            "stable_requests": 14433,
            "stable_bad": 29,
            "limit": 0.0027,
            "verified": True,
            "sentence": "errors 0.19 % against 0.20 % on stable (4,812 requests, limit 0.27 %)",
            **given,
        }
    )


def reading(**given: Any) -> Reading:
    return Reading(
        **{
            "test": Test(number=1, kind=TestKind.RUN),
            "blocks": 24,
            "requests": 4812,
            "bad": 9,
            "data_at": at(3).timestamp(),
            "streams": (stream(),),
            "sentence": "Both checks pass.",
            **given,
        }
    )


def replica(revision: str = OLD, ordinal: int = 0, **given: Any) -> Replica:
    return Replica(
        **{
            "revision": revision,
            "ordinal": ordinal,
            "state": ReplicaState.READY,
            "started_at": at(-60),
            "ready_at": at(-59),
            "address": f"127.0.0.1:{9000 + ordinal}",
            **given,
        }
    )


def route(share: int = 250, **given: Any) -> Route:
    """A split between the old and the new revision."""
    return Route(
        **{
            "application": "shop",
            "environment": "local",
            "host": "shop.localhost",
            "backends": (
                Backend(OLD, 1000 - share, (Endpoint(f"{OLD[:10]}-0", "127.0.0.1:9000"),)),
                Backend(NEW, share, (Endpoint(f"{NEW[:10]}-0", "127.0.0.1:9003"),)),
            ),
            **given,
        }
    )


def event(sentence: str = "Step 3 of 4 began.", **given: Any) -> Event:
    return Event(
        **{
            "at": at(2),
            "application": "shop",
            "environment": "local",
            "kind": Kind.STEP,
            "reason": "StepBegan",
            "sentence": sentence,
            "release": 7,
            **given,
        }
    )


def intent(id: str = "wish-1", verb: Verb = Verb.PAUSE, **given: Any) -> Intent:  # noqa: A002 - the field is called so
    return Intent(
        **{
            "id": id,
            "application": "shop",
            "environment": "local",
            "verb": verb,
            "actor": "ada",
            "at": at(3),
            **given,
        }
    )


def answer(intent: str = "wish-1", sentence: str = "done.", *, done: bool = True) -> Answer:
    return Answer(intent=intent, done=done, sentence=sentence)


def tick(seconds: float = 5, **given: Any) -> Tick:
    """The tick that ends so many seconds after noon."""
    arms = {
        "stable": Arm({f"{OLD[:10]}-0": (90, 1)}, timed=90, slower=(3,)),
        "candidate": Arm({f"{NEW[:10]}-0": (10, 0)}, timed=10, slower=(1,)),
    }
    return Tick(
        **{
            "at": at(0, seconds).timestamp(),
            "seconds": 5.0,
            "arms": arms,
            "bounds_ms": (250,),
            **given,
        }
    )
