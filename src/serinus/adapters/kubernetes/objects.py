"""
The objects that Serinus itself keeps in a cluster, as types: what their CRDs are generated from.

::

    Application   spec: what people write (core/spec/application)     status: a summary for people
    Release       spec: one change, which never changes again         status: how far it is
    Intent        spec: one wish of one person                        status: what became of it

``Release`` objects hold all that must outlive the controller; see ``adapters/kubernetes/store``.
What a newer version of the program wrote is read without the fields that this one does not know.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from serinus.core.state.intent import Verb

GROUP = "serinus.dev"
VERSION = "v1alpha1"
API = f"{GROUP}/{VERSION}"

DECISIONS = 100
"""How many decisions a release's status holds: the newest ones."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, msgspec.Meta(ge=1)]
Opaque = Annotated[dict[str, Any], msgspec.Meta(extra={"opaque": True})]
"""Data of the controller's own: the API server keeps it as it is."""


class _Kept(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What all of them share: camelCase, and what has its default is not written."""


class Condition(_Kept, frozen=True):
    """One thing that is true of an object, false or not known, in the form that tools read."""

    type: str
    status: str
    last_transition_time: datetime
    reason: str = ""
    message: str = ""
    observed_generation: int | None = None


class Decision(_Kept, frozen=True):
    """One thing that happened to a release, in one sentence."""

    sequence: int
    at: datetime
    kind: str
    reason: str
    sentence: str


# --- Application --------------------------------------------------------------------------------


class Side(_Kept, frozen=True):
    """A revision that serves or is tried: its id, its label for people, its part of the traffic."""

    revision: Digest
    version: str = ""
    share: str = ""


class ApplicationStatus(_Kept, frozen=True):
    """
    How the application stands, for people and tools; the controller writes it.

    ``release``: the name of the newest one. ``replicas`` and ``selector`` are for the scale
    subresource: the pods that serve, and how to find them.
    """

    observed_generation: int | None = None
    conditions: list[Condition] = []
    phase: str = ""
    sentence: str = ""
    release: str = ""
    stable: Side | None = None
    candidate: Side | None = None
    replicas: int | None = None
    selector: str | None = None


# --- Environment and templates -------------------------------------------------------------------


class DocumentStatus(_Kept, frozen=True):
    """Whether an environment or a template can be used; the controller writes it."""

    observed_generation: int | None = None
    conditions: list[Condition] = []


# --- Release ------------------------------------------------------------------------------------


class ReleaseSpec(_Kept, frozen=True):
    """
    One change of one application: what is released, in place of what, and how. It never changes.

    ``application``: the name of the Application, in the same namespace. ``stable`` is not there in
    the first release. ``delivery``: the resolved plan, frozen when the release began. ``workload``:
    what one replica of the candidate is, in full, so that its replicas can be started by a
    controller that has seen nothing but this object.
    """

    application: str
    environment: str
    number: Number
    candidate: Digest
    version: str
    delivery: Opaque
    delivery_hash: Digest
    replicas: Number
    created_at: datetime
    stable: Digest | None = None
    stable_version: str = ""
    actor: str = ""
    reason: str = ""
    workload: Opaque = {}


class ReleaseStatus(_Kept, frozen=True):
    """
    How far the release is: one write of it is one decision of the controller.

    ``share``: the candidate's part of the traffic; ``step``: such as ``2/5``; ``result``: how it
    ended. ``state`` and ``judge`` are the controller's memory: the planner's, and the judge's
    (base64 of zlib). ``decisions``: the newest ones, oldest first.
    """

    phase: str = ""
    sentence: str = ""
    share: str = ""
    step: str = ""
    result: str = ""
    ended_at: datetime | None = None
    decisions: Annotated[list[Decision], msgspec.Meta(max_length=DECISIONS)] = []
    conditions: list[Condition] = []
    state: Opaque = {}
    judge: str = ""


# --- Intent -------------------------------------------------------------------------------------


class IntentSpec(_Kept, frozen=True):
    """
    One wish of one person. It never changes; the name of the object makes it one wish.

    ``application``: the name of the Application, in the same namespace. ``expectRelease`` and
    ``expectStep`` (counted from 1) refuse it when the release has moved on.
    """

    application: str
    verb: Verb
    actor: str = ""
    reason: str = ""
    expect_release: Number | None = None
    expect_step: Number | None = None


class IntentStatus(_Kept, frozen=True):
    """What became of the wish: done or refused, in one sentence."""

    done: bool | None = None
    sentence: str = ""
    at: datetime | None = None
