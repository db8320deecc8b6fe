"""
DeliveryTemplate: one immutable version of a way to deliver, with parameters and locks.

Only whole values may be placeholders (``candidate: "${start}"``): no text is pasted together, and
no code runs.
"""

from typing import Any

import msgspec

from serinus.core.spec.checks import Check
from serinus.core.spec.formats import Duration, Name, Percent
from serinus.core.spec.judges import Judge
from serinus.core.spec.steps import Goal, Headers, Step, _Written


class Parameter(_Written, frozen=True):
    """One parameter: a closed subset of JSON Schema."""

    type: str = "string"
    format: str | None = None
    enum: list[Any] | None = None
    minimum: Any = None
    maximum: Any = None
    default: Any = None
    title: str = ""
    order: int = 0


class OnFail(_Written, frozen=True):
    """What becomes of a failed candidate."""

    rollback: str = "instant"
    keep_candidate: Duration = "10m"
    quarantine: bool = True


class OnNoData(_Written, frozen=True):
    """What happens without data: held, then to zero (or rolled back)."""

    hold: Duration = "10m"
    then: str = "zero"


class Margin(_Written, frozen=True):
    """What still counts as safe when a promotion is verified."""

    ratio: float = 1.5
    plus: Percent = "0.1%"


class Retreat(_Written, frozen=True):
    """Numbers of the retreat; see the explanation of it before changing them."""

    alarm: float = 10.0
    probes: int | None = None
    trial: Duration = "60s"
    probe_target: Duration = "60s"
    max_retreats: int | None = None
    max_probes: int = 5
    age: Duration = "60s"


class Body(_Written, frozen=True):
    """The part of a template that parameters fill and that layers above may patch."""

    strategy: str
    plan: list[Step]
    checks: list[Check] = []
    judge: Judge | None = None
    every: Duration = "5s"
    strikes: int = 3
    warmup: Duration = "15s"
    start_timeout: Duration = "2m"
    drain: Duration = "10s"
    max_surge: Percent | int | None = None
    on_fail: OnFail = OnFail()
    on_no_data: OnNoData = OnNoData()
    on_unverified: str = "promote"
    verified: Margin = Margin()
    retreat: Retreat = Retreat()
    sticky: Duration | None = None
    headers: Headers = Headers()
    goals: list[Goal] = []


class Deprecated(_Written, frozen=True):
    """Why nobody should choose this version any more, and what to choose."""

    since: str = ""
    use: str = ""
    message: str = ""


class TemplateSpec(_Written, frozen=True):
    """A template's spec: who it is, its parameters, and its body (checked when it is filled)."""

    template: Name
    version: str
    strategy: str
    plan: list[Any]
    title: str = ""
    about: str = ""
    promise: str = ""
    not_for: str = ""
    needs: list[str] = []
    parameters: dict[str, Parameter] = {}
    checks: Any = None
    judge: Any = None
    every: Any = None
    strikes: Any = None
    warmup: Any = None
    start_timeout: Any = None
    drain: Any = None
    max_surge: Any = None
    on_fail: Any = None
    on_no_data: Any = None
    on_unverified: Any = None
    verified: Any = None
    retreat: Any = None
    sticky: Any = None
    headers: Any = None
    goals: Any = None
    locks: list[str] = []
    deprecated: Deprecated | None = None


class Metadata(_Written, frozen=True):
    """A document's name, and labels that are for people."""

    name: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    namespace: str | None = None


class DeliveryTemplate(_Written, frozen=True):
    """The whole document."""

    api_version: str = msgspec.field(name="apiVersion")
    kind: str
    metadata: Metadata
    spec: TemplateSpec


BODY = tuple(f.encode_name for f in msgspec.structs.fields(Body))
"""The keys of a template's spec that make its body."""

CAPABILITIES = ("weights", "switch", "mirror", "headers", "sticky", "flags")
"""What a template may need of a router."""
