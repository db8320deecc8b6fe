"""
What is tried out: the delivery of an application, or of a template by itself.

In a simulation there are no people, no calendar and no metric sources. Where a delivery waits for
them, it is changed so that it does not, and each change is told (:attr:`Subject.assumed`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

import msgspec

from serinus.adapters.local.specs import Specs
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.errors import Problem, SpecError
from serinus.core.spec import checker, problems, resolve, timeline
from serinus.core.spec import versions as order
from serinus.core.spec.application import Defaults, DeliverySpec, TemplateRef
from serinus.core.spec.delivery import (
    Approval,
    Delivery,
    Gate,
    QueryCheck,
    Step,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer, Library
from serinus.ports import failures

REPLICAS = 3
"""Of a template, which has none of its own."""

ENDINGS = (".yaml", ".yml")


class Subject(msgspec.Struct, frozen=True):
    """
    A delivery to try out.

    ``replicas``: of the stable version. ``fastest_s``: until it serves everybody, at best.
    ``assumed``: what a simulation does without, each in one sentence.
    """

    name: str
    delivery: Delivery
    replicas: int = REPLICAS
    fastest_s: float = 0.0
    assumed: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        """The template and its version."""
        return f"{self.delivery.template} {self.delivery.template_version}".strip()


class Choice(msgspec.Struct, frozen=True):
    """
    What somebody chose: an application, or a template, each by its name or by its file.

    ``folder``: where relative files begin.
    """

    application: str = ""
    template: str = ""
    file: Path | None = None
    parameters: Mapping[str, object] = {}
    environment: str = "local"
    folder: Path = Path()


def find(choice: Choice, settings: Settings) -> Subject:
    """
    Return what was chosen.

    Raises SpecError with all that is wrong with it, Missing for a name that nobody knows.
    """
    if choice.template:
        return _template(choice, settings)
    return _application(choice, settings)


def of(name: str, delivery: Delivery, replicas: int = REPLICAS) -> Subject:
    """Return a delivery as it can be simulated."""
    assumed: list[str] = []
    steps = tuple(_step(step, index, assumed) for index, step in enumerate(delivery.steps, start=1))
    looks = tuple(look for look in delivery.looks if not isinstance(look, QueryCheck))
    left = [look.name for look in delivery.looks if isinstance(look, QueryCheck)]
    if left:
        assumed.append(f"nobody answers the queries of {', '.join(left)}: not judged")
    changed = msgspec.structs.replace(delivery, steps=steps, looks=looks)
    fastest = timeline.fastest(timeline.timeline(changed))
    return Subject(name, changed, replicas, fastest, tuple(assumed))


def _step(step: Step, number: int, assumed: list[str]) -> Step:
    """Return a step that waits for nobody."""
    gates = getattr(step, "gates", ())
    if gates:
        said = dict.fromkeys(map(_opened, gates))
        assumed.append(f"step {number}: {' and '.join(said)} at once")
        step = msgspec.structs.replace(step, gates=())
    if isinstance(step, TrafficStep) and step.manual:
        assumed.append(f"step {number}: somebody goes on as soon as its time is over")
        step = msgspec.structs.replace(step, manual=False)
    return step


def _opened(gate: Gate) -> str:
    match gate:
        case Approval():
            return "its approval is given"
        case Webhook():
            return "its webhook says yes"
        case WindowGate():
            return "its window is open"
        case _:
            assert_never(gate)


# --- an application ------------------------------------------------------------------------------


def _application(choice: Choice, settings: Settings) -> Subject:
    file = choice.file or _path(choice.application, choice.folder)
    specs = home.specs_of(settings, file)
    name = _named(choice, file, specs)
    found = specs.effective(name, choice.environment, dict(choice.parameters))
    if not found.usable or found.delivery is None:
        raise SpecError(problems.errors(found.problems))
    return of(name, found.delivery, found.replicas)


def _named(choice: Choice, file: Path | None, specs: Specs) -> str:
    """Return the name of the application, which a file with one of them need not be told."""
    names = list(specs.applications())
    if choice.application and not _path(choice.application, choice.folder):
        return choice.application
    if len(names) == 1:
        return names[0]
    wrong = problems.errors(specs.problems())
    if wrong:
        raise SpecError(wrong)
    said = "no application there" if not names else f"which one? There are {', '.join(names)}"
    raise SpecError((Problem(str(file or specs.directory), said),))


def _path(text: str, folder: Path) -> Path | None:
    """Return a path if that is what was written."""
    if not text.endswith(ENDINGS) and "/" not in text:
        return None
    return _there(folder / text)


def _there(path: Path) -> Path:
    if not path.exists():
        raise failures.Missing(f"there is no file {path}")
    return path


# --- a template ----------------------------------------------------------------------------------


def _template(choice: Choice, settings: Settings) -> Subject:
    file = _path(choice.template, choice.folder)
    specs = home.specs_of(settings, file)
    library = specs.library()
    wrong = problems.errors(specs.problems()) if file is not None else ()
    if wrong:
        raise SpecError(wrong)
    ref = _ref(choice.template, library) if file is None else _own(file, settings, library)
    layers = (
        Layer("here", "template", DeliverySpec(template=ref)),
        Layer("here", "--set", Defaults(parameters=dict(choice.parameters)), texts=True),
    )
    found = resolve.resolve(layers, library, Limits())
    if found.delivery is None:
        raise SpecError(problems.errors(found.problems))
    return of(ref.name, found.delivery)


def _ref(text: str, library: Library) -> TemplateRef:
    """Return a template by ``name`` or ``name-1.2.3``."""
    if text in library.templates:
        return TemplateRef(text)
    for name, versions in library.templates.items():
        for one in versions:
            if text == f"{name}-{one.spec.version}":
                return TemplateRef(name, one.spec.version)
    raise failures.Missing(checker.unknown(text, list(library.templates), "template"))


def _own(file: Path, settings: Settings, library: Library) -> TemplateRef:
    """Return the one template that a file has and the library had not."""
    others = home.specs(settings).library().templates
    mine = [
        one
        for name, versions in library.templates.items()
        for one in versions
        if one not in others.get(name, ())
    ]
    names = sorted({one.spec.template for one in mine})
    if len(names) == 1:
        newest = max(mine, key=lambda one: order.key(one.spec.version) or (0, 0, 0))
        return TemplateRef(names[0], newest.spec.version)
    said = f"which one? There are {', '.join(names)}" if names else "no template of its own there"
    raise SpecError((Problem(str(file), said),))
