"""
An application as a form: all inputs of its document, and back, with nothing lost.

::

    text ──review──▶ data ──fields──▶ Form ──a page──▶ what was typed
      ▲                                                     │
      └──────────── Documents.edit ◀── edits ◀── changes ◀──┘

Only what differs from what was shown is edited, so that whatever the form does not know (comments,
a patched plan, another environment) stays as it was written. :attr:`Form.beyond` names such parts.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from serinus.app import gates, inputs, objectives, sheet, tuning, variables
from serinus.app.inputs import Field
from serinus.app.level import ABSENT, Level, below, mapping
from serinus.app.variables import Row, Variable
from serinus.core.errors import Problem
from serinus.core.spec import patch, place
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library
from serinus.ports import failures
from serinus.ports.documents import Edit, Reviewed

GROUPS = (
    sheet.WHO,
    sheet.WHAT,
    sheet.SIZE,
    sheet.HEALTH,
    sheet.WHERE,
    tuning.COURSE,
    tuning.JUDGE,
    objectives.OBJECTIVES,
    gates.GATES,
)
"""The headings of fields, in the order in which a page shows them."""

VARIABLES = "env"
"""
How the inputs of a row are called: ``env.was``, ``env.name``, ``env.value``, ``env.kind``,
``env.source`` and ``env.key``, each as often as there are rows. A page that has the rows sends
``env`` as well, with any value, so that no row at all can be told from no rows on the page.
"""

_KEPT: frozenset[Place] = frozenset({("spec",), ("spec", "workload"), ("metadata",)})
"""What is left there when it becomes empty."""


class Form(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    A form of one level: of the application (``environment`` empty), or of one environment's part.

    ``readable``: False for a text that cannot be read, of which there is nothing but ``problems``.
    ``fields``: its inputs, by :data:`GROUPS`. ``variables``: its rows. ``environments``: all that
    there are, and ``patched`` those that say otherwise than the application. ``problems``: what
    stands beside no input. ``beyond``: the places that the text says and no input shows.
    ``adopts``: a Deployment says what runs, with its variables.
    """

    application: str
    environment: str
    readable: bool
    fields: tuple[Field, ...] = ()
    variables: tuple[Variable, ...] = ()
    environments: tuple[str, ...] = ()
    patched: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    beyond: tuple[str, ...] = ()
    adopts: bool = False

    def group(self, name: str) -> tuple[Field, ...]:
        """Return the inputs under one heading."""
        return tuple(field for field in self.fields if field.group == name)

    def sections(self, name: str) -> tuple[tuple[str, tuple[Field, ...]], ...]:
        """Return the inputs under one heading, those of a section together."""
        parted = itertools.groupby(self.group(name), key=lambda field: field.section)
        return tuple((section, tuple(found)) for section, found in parted)

    def field(self, name: str) -> Field | None:
        """Return one input by its name."""
        return next((field for field in self.fields if field.name == name), None)


# --- there --------------------------------------------------------------------------------------


def fields(
    reviewed: Reviewed,
    library: Library,
    *,
    environment: str = "",
    cluster: bool = False,
    new: bool = False,
) -> Form:
    """
    Return the form of a reviewed text.

    ``environment``: whose part of it is meant; empty: the application's own. ``cluster``: the
    inputs are those of a cluster. ``new``: nothing of that name is there yet, so that it may get
    another one.
    """
    data = reviewed.data
    if data is None:
        return Form(
            application="",
            environment=environment,
            readable=False,
            problems=reviewed.problems,
            environments=tuple(sorted(library.environments)),
        )
    level = Level(data, environment)
    found = tuple(_fields(level, library, cluster=cluster, new=new))
    rows = variables.rows(level)
    beside, rest = _beside(level, library, found, rows, reviewed.problems)
    patched = mapping(below(data, ("spec", "environments")))
    return Form(
        application=str(mapping(data.get("metadata")).get("name", "")),
        environment=environment,
        readable=True,
        fields=tuple(_told(field, beside.get(field.name, ())) for field in found),
        variables=tuple(
            msgspec.structs.replace(row, problems=beside.get(_row(row.name), ())) for row in rows
        ),
        environments=tuple(sorted({*library.environments, *map(str, patched)})),
        patched=tuple(str(name) for name in patched),
        problems=rest,
        beyond=tuple(place.text(where) for where in _beyond(level, found)),
        adopts=sheet.adopts(level),
    )


def _fields(level: Level, library: Library, *, cluster: bool, new: bool) -> Iterator[Field]:
    if not level.environment:
        yield from sheet.who(level, cluster=cluster, new=new)
    yield from sheet.fields(level, cluster=cluster)
    yield from tuning.choices(level, library)
    yield from tuning.parameters(level, library)
    yield from objectives.objectives(level, library)
    yield from gates.fields(level, library)


def _told(field: Field, problems: tuple[str, ...]) -> Field:
    return msgspec.structs.replace(field, problems=problems) if problems else field


def _row(name: str) -> str:
    return f"{VARIABLES}.{name}"


def _beside(
    level: Level,
    library: Library,
    found: Sequence[Field],
    rows: Sequence[Variable],
    problems: Sequence[Problem],
) -> tuple[Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """Put each problem beside the input that shows what it is about; the rest stands alone."""
    places = {
        tuning.TEMPLATE: level.at("delivery", "template"),
        **objectives.places(level, library),
        **gates.places(level, library),
        **{_row(row.name): level.at("workload", "env", row.name) for row in rows},
    }
    places = {name: where for name, where in places.items() if where}
    places |= {f.name: place.parse(f.name) for f in found if f.name.startswith(("spec.", "metad"))}
    beside: dict[str, tuple[str, ...]] = {}
    rest = []
    for problem in problems:
        here = _here(level, place.parse(problem.path)) if not problem.file else ()
        fitting = [name for name, where in places.items() if where == here[: len(where)]]
        if fitting:
            name = max(fitting, key=lambda one: len(places[one]))
            beside[name] = (*beside.get(name, ()), problem.message)
        else:
            rest.append(problem)
    return beside, tuple(rest)


def _here(level: Level, where: Place) -> Place:
    """Return a place as this level says it: what is inherited is shown beside the same input."""
    if not level.environment or where[:1] != ("spec",) or where[1:2] == ("environments",):
        return where
    return level.at(*where[1:])


def _beyond(level: Level, found: Sequence[Field]) -> Iterator[Place]:
    shown: list[Place] = [place.parse(field.name) for field in found]
    shown += [level.at("workload", "env"), level.at("delivery", "template")]
    shown += [("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")]
    if variables.told(level):
        shown.append(level.at("workload", "pod", "spec", "containers"))
    for where in patch.leaves(level.data):
        other = where[:2] == ("spec", "environments") or bool(level.environment)
        mine = where[: len(level.at())] == level.at()
        if other and not (level.environment and mine):
            continue
        covered = any(where[: len(one)] == one for one in shown)
        if not covered and not _is_nothing(below(level.data, where)):
            yield where


def _is_nothing(value: Any) -> bool:
    return value is ABSENT or value in ({}, [])


# --- and back -----------------------------------------------------------------------------------


def changes(
    reviewed: Reviewed,
    library: Library,
    sent: Mapping[str, Sequence[str]],
    *,
    environment: str = "",
    cluster: bool = False,
    new: bool = False,
) -> tuple[Edit, ...]:
    """
    Return the edits that make a text say what was sent; those of an unchanged form are none.

    ``sent``: the inputs by name, as a page sends them; those that are not there stay as they are.

    Raises:
        Rejected: The text says something else where a value would have to stand, such as a list in
            the place of the workload; only the text itself can be mended then.
    """
    if reviewed.data is None:
        return ()
    try:
        return _edits(
            reviewed.data, library, sent, environment=environment, cluster=cluster, new=new
        )
    except (KeyError, IndexError, TypeError) as problem:
        raise failures.Rejected(
            "the form cannot write into this text: something else stands where a value belongs",
            why=str(problem),
            hint="mend the text itself; its problems say where",
        ) from problem


def _edits(
    data: Mapping[str, Any],
    library: Library,
    sent: Mapping[str, Sequence[str]],
    *,
    environment: str,
    cluster: bool,
    new: bool,
) -> tuple[Edit, ...]:
    level = Level(data, environment)
    shown = tuple(_fields(level, library, cluster=cluster, new=new))
    typed = {
        field.name: text
        for field in shown
        if field.name in sent and not field.locked
        for text in (sent[field.name][-1] if sent[field.name] else "",)
        if not inputs.same(text, field.value)
    }
    kinds = {field.name: field.kind for field in shown}
    done = _Done(level)
    done.take(_chosen(level, library, typed))
    for name, text in typed.items():
        if name.startswith(("spec.", "metadata.")):
            done.take(_plain(done.level, library, name, text, kinds[name]))
    if VARIABLES in sent:
        done.take(variables.changes(done.level, _rows(sent)))
    for module in (objectives, gates):
        some = {name: text for name, text in typed.items() if name.startswith(module.PREFIX)}
        done.take(module.changes(done.level, library, some))
    return tuple(done.edits)


class _Done:
    """The edits so far, and the level as they leave it."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.edits: list[Edit] = []

    def take(self, edits: Iterator[Edit] | Sequence[Edit]) -> None:
        """Take edits; whatever would be left empty by one goes with it."""
        for edit in edits:
            whole = self._whole(edit)
            self.level = self.level.after(whole)
            self.edits.append(whole)

    def _whole(self, edit: Edit) -> Edit:
        if edit.value is not ABSENT or edit.name:
            return edit
        where = edit.place
        while where[:-1] not in _KEPT and _is_alone(self.level.data, where):
            where = where[:-1]
        return Edit(where)


def _is_alone(data: Any, where: Place) -> bool:
    parent = below(data, where[:-1])
    return isinstance(parent, Mapping) and len(parent) == 1


def _chosen(level: Level, library: Library, typed: Mapping[str, str]) -> Iterator[Edit]:
    if tuning.TEMPLATE not in typed and tuning.VERSION not in typed:
        return
    template, version = (field.value for field in tuning.choices(level, library))
    name = typed.get(tuning.TEMPLATE, template)
    # The version of another template means nothing.
    version = typed.get(tuning.VERSION, "" if tuning.TEMPLATE in typed else version)
    if version and not name:
        name = tuning.chosen(level, library).name
    yield from tuning.choose(level, library, name, version)


def _plain(level: Level, library: Library, name: str, text: str, kind: str) -> Iterator[Edit]:
    where = place.parse(name)
    before = below(level.data, where)
    parameters = level.at("delivery", "parameters")
    if where[:-1] == parameters:
        template = tuning.chosen(level, library).template
        schema = {} if template is None else template.spec.parameters
        if str(where[-1]) not in schema and text:
            return
        if kind == "choice" and str(where[-1]) in schema:
            kind = schema[str(where[-1])].type
    if inputs.tidy(text):
        yield Edit(where, inputs.read(text, kind, before))
    else:
        yield Edit(where)


def _rows(sent: Mapping[str, Sequence[str]]) -> list[Row]:
    """Read the rows that were sent; what is missing at the end of a column is empty."""
    columns = [sent.get(f"{VARIABLES}.{part}", ()) for part in Row._fields]
    count = max(map(len, columns), default=0)
    rows = []
    for index in range(count):
        cells = [column[index] if index < len(column) else "" for column in columns]
        rows.append(Row(*cells))
    return rows
