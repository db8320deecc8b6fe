"""
Three ways back to a release, each as a document to write.

::

    as it ran           its image, command, variables and limits, whatever was changed since
    what runs today     its image, with the rest as the stable version has it now
    as saved last       its image, with the rest as the document says it now

Of each one the edits are known, so that a page shows what changes before anybody presses a button.
What only a directory or another object holds (the content of files, ConfigMaps and Secrets) is not
in a document: what differs there is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from serinus.app import catalogue
from serinus.app.level import ABSENT, Level, mapping
from serinus.core.spec import duration, effective, patch
from serinus.core.spec.effective import Effective
from serinus.core.spec.health import HealthProbe
from serinus.core.spec.resolve import Library
from serinus.core.state.workload import Revision, Workload
from serinus.ports.documents import Edit

AS_IT_RAN, TODAY, SAVED = "ran", "today", "saved"

_APP = "app"
_OURS = "SERINUS_"


class Choice(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One way back. ``edits`` make the document; none: the document says it already.

    ``about``: what it means, in a sentence. ``notes``: what it does not bring back. ``same``: the
    name of a choice before it that comes to the same, empty if there is none.
    """

    name: str
    title: str
    about: str
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()
    same: str = ""


class Ran(msgspec.Struct, frozen=True):
    """What a document can say of a workload; None or ABSENT where it is not known."""

    image: str | None
    command: tuple[str, ...]
    args: tuple[str, ...]
    env: Mapping[str, str]
    port: int | None
    resources: Mapping[str, str]
    health: tuple[str | None, str, str]
    grace: str


def choices(
    data: Mapping[str, Any],
    environment: str,
    past: Revision,
    now: Revision | None,
    library: Library,
) -> tuple[Choice, ...]:
    """
    Return the three ways back to a revision that ran.

    Args:
        data: The document as it stands.
        environment: Whose part of it is changed where it has one that says otherwise.
        past: The revision to go back to, with the version that it had.
        now: The revision that serves now; None: nothing does.
        library: The templates and environments.
    """
    level = Level(data, environment)
    saved = _Way(level, library)
    saved.version(past)
    ran = _Way(saved.level, library, saved.edits)
    ran.rest(past)
    today = _Way(saved.level, library, saved.edits)
    if now is not None:
        today.rest(now)
    found = (
        Choice(
            name=AS_IT_RAN,
            title=f"{past.version} as it ran",
            about="Everything that a document says of the workload is as it was in that release.",
            edits=tuple(ran.edits),
            notes=tuple(_notes(past, now)),
        ),
        Choice(
            name=TODAY,
            title=f"{past.version} with today's configuration",
            about="The image alone goes back; variables and limits are those that serve now.",
            edits=tuple(today.edits),
        ),
        Choice(
            name=SAVED,
            title=f"{past.version} with the configuration as saved last",
            about="The image alone goes back; all else is as the document says it.",
            edits=tuple(saved.edits),
        ),
    )
    return tuple(
        msgspec.structs.replace(
            one, same=next((b.name for b in found[:i] if b.edits == one.edits), "")
        )
        for i, one in enumerate(found)
    )


def probed(health: HealthProbe) -> tuple[str | None, str, str]:
    """Return what a document says of how a replica is asked whether it is ready."""
    times = duration.of_seconds(health.every_s), duration.of_seconds(health.timeout_s)
    return health.path, *times


def read(work: Workload) -> Ran:
    """Return what a document can say of a workload: of a pod's template, that of its container."""
    probe, grace = probed(work.health), duration.of_seconds(work.grace_s)
    if not work.template:
        known = (work.image, work.command, (), work.env, work.port, work.resources)
        return Ran(*known, probe, grace)
    containers = mapping(work.template.get("spec")).get("containers") or ()
    named = (one for one in containers if one.get("name") == _APP)
    main: Mapping[str, Any] = next(named, next(iter(containers), {}))
    env = {one["name"]: one["value"] for one in main.get("env") or () if "value" in one}
    return Ran(
        main.get("image"),
        tuple(main.get("command") or ()),
        tuple(main.get("args") or ()),
        {n: v for n, v in env.items() if n != "PORT" and not n.startswith(_OURS)},
        work.port,
        dict(mapping(main.get("resources")).get("requests") or {}),
        probe,
        grace,
    )


class _Way:
    """A document on its way back: what was edited so far, and what it comes to."""

    def __init__(self, level: Level, library: Library, edits: Sequence[Edit] = ()) -> None:
        self.level = level
        self.edits = list(edits)
        self._library = library

    def version(self, past: Revision) -> None:
        """Go back to a version and its image, from whose tag it may have its name."""
        image = read(past.workload).image
        named = self._said("version") not in {ABSENT, None}
        if (named or not image) and self._found().version != past.version:
            self._put(past.version, "version")
        if image and self._found().image != image:
            self._put(image, "workload", "image")

    def rest(self, revision: Revision) -> None:
        """Go back to everything else that a document says of a workload."""
        ran = read(revision.workload)
        # What follows from the version is compared under the version that it followed from.
        data = patch.changed(self.level.data, self._deciding("version"), revision.version)
        found = self._found(data)
        port = str(found.port or "")
        self._words("command", ran.command, found.command, port)
        self._words("args", ran.args, found.args, port)
        for name, value in ran.env.items():
            text = found.env.get(name)
            if text is None or value not in {text, _filled(text, port)}:
                self._put(value, "workload", "env", name)
        for name in found.env:
            if name not in ran.env:
                self._out("workload", "env", name)
        for name in {**ran.resources, **found.resources}:
            if ran.resources.get(name) != found.resources.get(name):
                self._set(ran.resources.get(name, ABSENT), "workload", "resources", name)
        if ran.port != found.port:
            self._set(ABSENT if ran.port is None else ran.port, "workload", "port")
        self._probe(ran, found)

    def _found(self, data: Mapping[str, Any] | None = None) -> Effective:
        here = self.level.data if data is None else data
        return effective.effective(here, self.level.environment, self._library, catalogue.ANYWHERE)

    def _words(self, name: str, was: tuple[str, ...], words: tuple[str, ...], port: str) -> None:
        if was not in {words, tuple(_filled(word, port) for word in words)}:
            self._set([*was] if was else ABSENT, "workload", name)

    def _probe(self, ran: Ran, found: Effective) -> None:
        health = found.health
        path, every, timeout = ran.health
        if path != health.path:
            self._put(path, "workload", "health", "path")
        for name, was, seconds in (
            ("every", every, health.every_s),
            ("timeout", timeout, health.timeout_s),
        ):
            if duration.seconds(was) != seconds:
                self._put(was, "workload", "health", name)
        if duration.seconds(ran.grace) != found.grace_s:
            self._put(ran.grace, "workload", "grace")

    def _said(self, *keys: str) -> Any:
        own = self.level.own(*keys)
        return self.level.inherited(*keys) if own is ABSENT else own

    def _set(self, value: Any, *keys: str) -> None:
        if value is ABSENT:
            self._out(*keys)
        else:
            self._put(value, *keys)

    def _put(self, value: Any, *keys: str) -> None:
        """Write a value where it is decided: in the environment's part, if that says it."""
        self._take(Edit(self._deciding(*keys), value))

    def _out(self, *keys: str) -> None:
        own = self.level.own(*keys)
        if own is not ABSENT and own is not None:
            inherited = self.level.inherited(*keys) is not ABSENT
            self._take(Edit(self.level.at(*keys), None if inherited else ABSENT))
        else:
            self._take(Edit(("spec", *keys)))

    def _deciding(self, *keys: str) -> tuple[str | int, ...]:
        own = self.level.own(*keys)
        return ("spec", *keys) if own is ABSENT else self.level.at(*keys)

    def _take(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.level = self.level.after(edit)


def _filled(word: str, port: str) -> str:
    """Return a word as a pod's template has it."""
    return word.replace("${port}", port).replace("${replica}", "$(SERINUS_REPLICA)")


def _notes(past: Revision, now: Revision | None) -> Iterator[str]:
    """Say which contents differ from those that serve now."""
    files = {} if now is None else now.workload.files
    for name, digest in past.workload.files.items():
        if name not in files:
            yield f"{name} was there and is not any more; a document cannot bring it back."
        elif files[name] != digest:
            yield f"{name} was changed since; its content stays as it is today."
