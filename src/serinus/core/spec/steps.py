"""
The step grammar, as it is written: one grammar for every strategy.

A step has exactly one of the keys that say what happens; ``hold``, ``gates``, ``checks`` and
``manual`` may stand beside it. :mod:`serinus.core.spec.course` turns steps into the closed union of
:mod:`serinus.core.spec.delivery`.
"""

import msgspec

from serinus.core.spec.formats import Duration, Name, Percent


class _Written(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True
):
    """What all written things share: camelCase, nothing unknown."""


class Hold(_Written, frozen=True):
    """Time and evidence before the next step."""

    for_: Duration = msgspec.field(default="0s", name="for")
    min_samples: int = 0


class Traffic(_Written, frozen=True):
    """The candidate's share of the traffic."""

    candidate: Percent


class Ramp(_Written, frozen=True):
    """Sugar for several traffic steps: from, to and by, each with the same hold."""

    from_: Percent = msgspec.field(name="from")
    to: Percent
    by: Percent
    hold: Hold = Hold()


class Preview(_Written, frozen=True):
    """Run the candidate without traffic, with a part of stable's replicas."""

    replicas: Percent = "100%"


class Switch(_Written, frozen=True):
    """Move all of the traffic at once."""


class Settle(_Written, frozen=True):
    """Keep the old replicas warm for the way back."""

    keep_old: Duration = "10m"


class Replace(_Written, frozen=True):
    """Replace replicas a few at a time."""

    max_surge: Percent = "25%"
    max_unavailable: Percent = "0%"


class Recreate(_Written, frozen=True):
    """Stop the old ones, then start the new ones."""

    timeout: Duration = "60s"


class Match(_Written, frozen=True):
    """
    A cohort: requests of which all that is given is true, or a ``share`` of all users.

    ``NAME``: it is there; ``NAME=VALUE``: it says exactly this; ``NAME=~PATTERN``: a regular
    expression matches all that it says. An empty text says nothing.
    """

    header: str | None = None
    cookie: str | None = None
    query: str | None = None
    share: Percent | None = None


class Mirror(_Written, frozen=True):
    """Copies of a share of the requests; of those whose method only reads, if none are given."""

    share: Percent
    methods: list[str] | None = None


class Headers(_Written, frozen=True):
    """Changes of the headers of the requests that the candidate gets."""

    set: dict[str, str] = {}
    remove: list[str] = []


class Goal(_Written, frozen=True):
    """What the users of an A/B test are hoped to do: a request that succeeds."""

    name: Name
    path: str
    methods: list[str] = []


class Approval(_Written, frozen=True):
    """A gate that people open."""

    roles: list[str] = []
    count: int = 1
    timeout: Duration | None = None
    on_timeout: str = "hold"
    expires: Duration | None = None


class Webhook(_Written, frozen=True):
    """A gate that another program opens. ``secret`` is the name of a key, never the key."""

    url: str
    secret: str = ""
    timeout: Duration = "10s"
    every: Duration = "10s"
    limit: Duration = "10m"
    on_refusal: str = "hold"
    on_timeout: str = "hold"


class Gate(_Written, frozen=True):
    """Something that must open before a step begins: exactly one of them."""

    approval: Approval | None = None
    window: str | None = None
    webhook: Webhook | None = None


class Step(_Written, frozen=True):
    """One step: exactly one of the first eleven keys."""

    traffic: Traffic | None = None
    replicas: int | None = None
    flag: Percent | None = None
    match: Match | list[Match] | None = None
    mirror: Mirror | Percent | None = None
    ramp: Ramp | None = None
    preview: Preview | None = None
    switch: Switch | None = None
    replace: Replace | None = None
    recreate: Recreate | None = None
    settle: Settle | None = None
    hold: Hold | None = None
    gates: list[Gate] = []
    checks: list[str] = []
    manual: bool = False


WHAT = (
    "traffic",
    "replicas",
    "flag",
    "match",
    "mirror",
    "ramp",
    "preview",
    "switch",
    "replace",
    "recreate",
    "settle",
)
"""The keys of which a step has exactly one."""

LATER = ("replicas", "flag")
"""Those that are reviewed and not carried out on this platform yet."""
