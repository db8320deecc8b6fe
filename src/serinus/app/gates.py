"""
The gates of a delivery as inputs of a form: what has to open before a step begins.

::

    Before 25 %   people approve     who, how many of them, for how long it is waited, and then?
                  a window           which one of the environment
                  another program    its address, how often it is asked, and then?
                  one more           nothing, or one of the three

Inputs are named after the place of their gate: ``gate.2.0.roles`` are the roles of the first gate
before the third step, ``gate.2.add`` puts one more behind it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from serinus.app import inputs, tuning
from serinus.app.inputs import Choice, Field
from serinus.app.level import ABSENT, Level, below, mapping
from serinus.app.listed import Listed, filled
from serinus.core.spec import gating, placeholder
from serinus.core.spec.application import EnvironmentSpec
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library
from serinus.ports.documents import Edit

GATES = "gates"
"""The heading."""

PREFIX = "gate."
ADD, KIND, NONE = "add", "kind", "none"

APPROVAL, WINDOW, WEBHOOK = gating.KINDS
TITLES = {
    APPROVAL: "people approve",
    WINDOW: "a window of time opens",
    WEBHOOK: "another program agrees",
}
THEN = (Choice("hold", "it goes on waiting"), Choice("rollback", "it is rolled back"))
STEPS = {
    "switch": "the switch",
    "match": "the test",
    "mirror": "the copies",
    "preview": "the preview",
    "ramp": "the ramp",
    "replace": "replicas are replaced",
    "recreate": "replicas are stopped",
}


class _Input(NamedTuple):
    """One input of a kind of gate: where its value is, and what holds where none is written."""

    key: str
    title: str
    kind: str
    usual: str
    about: str = ""
    choices: tuple[Choice, ...] = ()
    needed: bool = False


INPUTS: Mapping[str, tuple[_Input, ...]] = {
    APPROVAL: (
        _Input(
            "roles", "Who approves", "words", "everybody who may approve", "Roles, such as sre."
        ),
        _Input("count", "How many of them", "integer", "1", "Different people."),
        _Input("timeout", "Waits at the longest", "duration", "as long as it takes"),
        _Input("onTimeout", "And then", "choice", THEN[0].title, choices=THEN),
        _Input(
            "expires",
            "An approval counts for",
            "duration",
            "for good",
            "While others are waited for.",
        ),
    ),
    WEBHOOK: (
        _Input("url", "Address", "text", "", "It is asked by POST.", needed=True),
        _Input("secret", "Key that signs", "text", "none", "Its name, never the key itself."),
        _Input("timeout", "One question takes at most", "duration", "10s"),
        _Input("every", "Asked again after", "duration", "10s"),
        _Input("limit", "Waits at the longest", "duration", "10m"),
        _Input("onRefusal", "If it says no", "choice", THEN[0].title, choices=THEN),
        _Input("onTimeout", "If it never says yes", "choice", THEN[0].title, choices=THEN),
    ),
}


class _Form(NamedTuple):
    """What the inputs of a level are made from."""

    listed: Listed
    environments: tuple[EnvironmentSpec, ...]
    said: Mapping[str, Any]
    locked: str


# --- there --------------------------------------------------------------------------------------


def fields(level: Level, library: Library) -> tuple[Field, ...]:
    """Return the inputs of all gates, step by step, and one for another gate behind them."""
    form = _form(level, library)
    found: list[Field] = []
    for index, item in enumerate(form.listed.items):
        title, gates = _step(item, form.said), _gates(item)
        if not title or gates is None:
            continue
        for number, gate in enumerate(gates):
            many = f" ({number + 1} of {len(gates)})" if len(gates) > 1 else ""
            section = f"Before {title}: {TITLES.get(_kind(gate), 'a gate')}{many}"
            found += _gate(form, section, (index, number), gate)
        found.append(
            Field(
                name=f"{PREFIX}{index}.{ADD}",
                title=f"Before {title}, as well" if gates else f"Before {title}",
                group=GATES,
                kind="choice",
                inherited="nothing more" if gates else "nothing: it begins by itself",
                choices=tuple(Choice(kind, word) for kind, word in TITLES.items()),
                locked=form.locked,
                turns=True,
            )
        )
    return tuple(found)


def _form(level: Level, library: Library) -> _Form:
    template = tuning.chosen(level, library).template
    said = {name: one.value for name, one in tuning.inherited(level, library, template).items()}
    here = library.environments.get(level.environment)
    known = library.environments.values() if here is None else (here,)
    return _Form(
        Listed(level, "plan", template),
        tuple(one.spec for one in known),
        said | dict(mapping(level.own("delivery", "parameters"))),
        tuning.lock(template, ("plan",)),
    )


def _gate(form: _Form, section: str, where: tuple[int, int], gate: Any) -> Iterator[Field]:
    """Return the inputs of one gate; what it says otherwise stays in the text."""
    own, name = form.listed.own, f"{PREFIX}{where[0]}.{where[1]}"
    kind = _kind(gate)
    word = TITLES.get(kind, "")
    nothing = () if own else (Choice(NONE, "nothing"),)
    yield Field(
        name=f"{name}.{KIND}",
        title="What opens it",
        group=GATES,
        section=section,
        kind="choice",
        value=kind if own else "",
        inherited="nothing: this gate goes" if own else word,
        origin="" if own else "template",
        choices=(*(Choice(one, said) for one, said in TITLES.items()), *nothing),
        locked=form.locked,
        turns=True,
    )
    for one in _inputs(kind, form.environments):
        written = below(gate, _inner(kind, one))
        shown = inputs.shown(placeholder.fill(written, form.said, form.said).value, one.kind)
        words = {choice.value: choice.title for choice in one.choices}
        yield Field(
            name=f"{name}.{one.key}",
            title=one.title,
            group=GATES,
            section=section,
            kind=one.kind,
            value=shown if own else "",
            inherited=one.usual if own or not shown else words.get(shown, shown),
            origin="" if own or not shown else "template",
            about=one.about,
            choices=one.choices,
            required=one.needed,
            locked=form.locked or filled(written),
        )


def _inputs(kind: str, environments: tuple[EnvironmentSpec, ...]) -> tuple[_Input, ...]:
    """Return the inputs of a kind of gate, with what the environments know."""
    if kind == WINDOW:
        windows = dict.fromkeys(w.name for one in environments for w in one.windows)
        about = (
            "One of spec.windows of the environment."
            if windows
            else ("No environment has one yet: write it into spec.windows of the environment.")
        )
        choices = tuple(map(Choice, windows))
        return (_Input(WINDOW, "Window", "choice", "", about, choices, needed=True),)
    found = INPUTS.get(kind, ())
    roles = dict.fromkeys(role for one in environments for role in one.roles)
    if kind != APPROVAL or not roles:
        return found
    who, *rest = found
    return (who._replace(about=f"Roles. Those that are given: {', '.join(roles)}."), *rest)


def _inner(kind: str, one: _Input) -> Place:
    return (WINDOW,) if kind == WINDOW else (kind, one.key)


def _kind(gate: Any) -> str:
    """Return what a gate is, empty for what is none."""
    return next((kind for kind in gating.KINDS if kind in mapping(gate)), "")


def _gates(item: Any) -> list[Any] | None:
    """Return the gates of a step, None where something else stands in their place."""
    found = mapping(item).get("gates", [])
    return found if isinstance(found, list) else None


def _step(item: Any, said: Mapping[str, Any]) -> str:
    """Return what a step does, for people; empty for one that nobody waits before."""
    share = below(placeholder.fill(item, said, said).value, ("traffic", "candidate"))
    if share is not ABSENT:
        return str(share)
    return next((title for key, title in STEPS.items() if key in mapping(item)), "")


def places(level: Level, library: Library) -> Mapping[str, Place]:
    """Return where the values of the inputs are, for the problems beside them."""
    listed = Listed(level, "plan", tuning.chosen(level, library).template)
    found: dict[str, Place] = {}
    for index, item in enumerate(listed.items):
        here: Place = (*listed.where, index, "gates")
        found[f"{PREFIX}{index}.{ADD}"] = here
        for number, gate in enumerate(_gates(item) or ()):
            kind, name = _kind(gate), f"{PREFIX}{index}.{number}"
            found[f"{name}.{KIND}"] = (*here, number)
            for one in _inputs(kind, ()):
                found[f"{name}.{one.key}"] = (*here, number, *_inner(kind, one))
    return found


# --- back ---------------------------------------------------------------------------------------


class _Sent(NamedTuple):
    """One input that was changed: of which step and gate (None: one more), and its text."""

    step: int
    gate: int | None
    key: str
    text: str


def changes(level: Level, library: Library, sent: Mapping[str, str]) -> Iterator[Edit]:
    """
    Return what has to be edited so that the gates are as they were sent.

    ``sent``: the inputs of this module that were changed, by name. Values come first, then gates of
    another kind; those that go come last and from behind: no number changes before its turn.
    """
    for one in sorted(filter(None, map(_sent, sent.items())), key=_turn):
        template = tuning.chosen(level, library).template
        for edit in tuple(_edits(Listed(level, "plan", template), one, library, level)):
            yield edit
            # What comes next is changed in what this one leaves.
            level = level.after(edit)


def _sent(item: tuple[str, str]) -> _Sent | None:
    name, text = item
    step, _, rest = name.removeprefix(PREFIX).partition(".")
    gate, _, key = rest.rpartition(".")
    if not step.isdecimal() or (gate and not gate.isdecimal()):
        return None
    return _Sent(int(step), int(gate) if gate else None, key, inputs.tidy(text))


def _turn(one: _Sent) -> tuple[int, int, int]:
    if one.gate is None:
        return (2, one.step, 0)
    if one.key != KIND:
        return (0, one.step, one.gate)
    return (1, one.step, 0) if one.text in TITLES else (3, -one.step, -one.gate)


def _edits(listed: Listed, one: _Sent, library: Library, level: Level) -> Iterator[Edit]:
    gates = _gates(listed.items[one.step]) if one.step < len(listed.items) else None
    if gates is None:
        return
    where: Place = (one.step, "gates")
    if one.gate is None:
        if one.key == ADD and one.text in TITLES:
            new = _new(one.text, _form(level, library))
            yield from (
                listed.edit((*where, len(gates)), new) if gates else listed.edit(where, [new])
            )
    elif one.gate < len(gates):
        gate = gates[one.gate]
        if one.key != KIND:
            yield from _value(listed, (*where, one.gate), gate, one)
        elif one.text in TITLES and one.text != _kind(gate):
            yield from listed.edit((*where, one.gate), _new(one.text, _form(level, library)))
        elif one.text not in TITLES:
            yield from listed.edit(where if len(gates) == 1 else (*where, one.gate), ABSENT)


def _new(kind: str, form: _Form) -> dict[str, Any]:
    """Return a gate of a kind, as far as it is known without anything typed."""
    if kind == WINDOW:
        (window,) = _inputs(kind, form.environments)
        return {WINDOW: window.choices[0].value if window.choices else ""}
    return {kind: {"url": ""} if kind == WEBHOOK else {}}


def _value(listed: Listed, here: Place, gate: Any, one: _Sent) -> Iterator[Edit]:
    kind = _kind(gate)
    found = next((found for found in _inputs(kind, ()) if found.key == one.key), None)
    if found is None:
        return
    where = (*here, *_inner(kind, found))
    before = below(gate, _inner(kind, found))
    if one.text or found.needed:
        yield from listed.edit(where, inputs.read(one.text, found.kind))
    elif before is not ABSENT:
        # A gate of which nothing is left to say is still a gate.
        alone = len(mapping(gate[kind])) == 1
        yield from listed.edit(where[:-1], {}) if alone else listed.edit(where, ABSENT)
