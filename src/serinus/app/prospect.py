"""
The prospect: what a release would do, before anybody asks for it.

The effective delivery, where each of its values came from, and the timeline at the fastest. Pure:
it is made from an application as the specs resolve it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from serinus.app import asides, basis, exposure, foresight, usage
from serinus.app.basis import NOTHING, Counted, Given
from serinus.app.exposure import Exposure
from serinus.app.foreseen import Foresight
from serinus.core.analysis import figures, sentences
from serinus.core.spec import prose, resolve, timeline
from serinus.core.spec.application import DeliverySpec, TemplateRef
from serinus.core.spec.course import Limits
from serinus.core.spec.delivery import (
    FULL,
    AgainstSlo,
    Check,
    Delivery,
    ErrorsCheck,
    LogCheck,
    Look,
    NetworkCheck,
    NewLinesCheck,
    QueryCheck,
    Threshold,
)
from serinus.core.spec.effective import Effective
from serinus.core.spec.resolve import Layer, Library
from serinus.core.spec.template import DeliveryTemplate, Parameter


class Value(msgspec.Struct, frozen=True, rename="camel"):
    """One value that somebody can set: what it is, and which layer it came from."""

    name: str
    value: str
    origin: str


class StageView(msgspec.Struct, frozen=True, rename="camel"):
    """One stage of the timeline: times in seconds from the start, at the fastest."""

    title: str
    share: float
    at: float
    seconds: float
    waits: tuple[str, ...] = ()


class Prospect(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    What a release of an application would do.

    ``fastest``: seconds until it serves everybody. ``asides``: what is set beside steps and checks.
    ``forecast``: what its steps can see on the traffic there is, ``exposure``: who meets the new
    version in them; None: nobody asked.
    """

    application: str
    environment: str
    version: str
    replicas: int
    host: str
    template: str
    strategy: str
    fastest: float
    stages: tuple[StageView, ...]
    checks: tuple[str, ...]
    values: tuple[Value, ...]
    problems: tuple[str, ...]
    asides: tuple[str, ...] = ()
    forecast: Foresight | None = None
    exposure: Exposure | None = None


class TemplateView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One template with its defaults: what it promises, its parameters and its timeline."""

    name: str
    version: str
    title: str
    about: str
    promise: str
    not_for: str
    strategy: str
    parameters: tuple["ParameterView", ...]
    fastest: float
    stages: tuple[StageView, ...]


class ParameterView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One parameter of a template."""

    name: str
    title: str
    default: Any
    kind: str
    minimum: Any = None
    maximum: Any = None
    enum: tuple[Any, ...] = ()


def of(found: Effective, counted: Counted | None = None, given: Given = NOTHING) -> Prospect:
    """Return the prospect of an application that can be released, with what was counted of it."""
    if found.delivery is None:
        raise ValueError(f"{found.application} has no delivery; its problems say why")
    delivery = found.delivery
    stages, fastest = staged(delivery)
    forecast = None if counted is None else _forecast(found, delivery, counted, given)
    return Prospect(
        application=found.application,
        environment=found.environment,
        version=found.version,
        replicas=found.replicas,
        host=found.host,
        template=f"{delivery.template} {delivery.template_version}".strip(),
        strategy=delivery.strategy.value,
        fastest=fastest,
        stages=stages,
        checks=checks(delivery),
        values=tuple(_values(found.parameters, found.provenance)),
        problems=tuple(str(problem) for problem in found.problems),
        asides=asides.lines(delivery),
        forecast=forecast,
        exposure=None if forecast is None else exposure.of(delivery, forecast.rate, _whose(given)),
    )


def _forecast(found: Effective, delivery: Delivery, counted: Counted, given: Given) -> Foresight:
    stood = basis.of(delivery, counted, given)
    return foresight.foresee(delivery, stood, given.replicas or found.replicas)


def _whose(given: Given) -> str:
    said = given.rate is not None and not given.sources[0]
    return exposure.GIVEN if said else exposure.TODAY


def template(found: DeliveryTemplate, delivery: Delivery | None) -> TemplateView:
    """Return a template; ``delivery`` is what its defaults make, None when some have no default."""
    spec = found.spec
    stages, fastest = staged(delivery) if delivery else ((), 0.0)
    ordered = sorted(spec.parameters.items(), key=lambda item: item[1].order)
    return TemplateView(
        name=spec.template,
        version=spec.version,
        title=spec.title,
        about=spec.about,
        promise=spec.promise,
        not_for=spec.not_for,
        strategy=spec.strategy,
        parameters=tuple(_parameter(name, parameter) for name, parameter in ordered),
        fastest=fastest,
        stages=stages,
    )


def templates(found: Sequence[DeliveryTemplate], library: Library) -> tuple[TemplateView, ...]:
    """Return views of templates, each with the delivery that its defaults make."""
    return tuple(template(one, default(one, library)) for one in found)


def default(found: DeliveryTemplate, library: Library) -> Delivery | None:
    """Return what the defaults of a template make; None where one is missing."""
    wish = DeliverySpec(template=TemplateRef(found.spec.template, found.spec.version))
    layer = Layer("defaults", "spec.delivery", wish)
    return resolve.resolve((layer,), library, Limits()).delivery


def staged(delivery: Delivery) -> tuple[tuple[StageView, ...], float]:
    """Return the stages of a delivery, and the seconds until it serves everybody."""
    stages = timeline.timeline(delivery)
    views = (
        StageView(stage.title, stage.share / FULL, stage.at_s, stage.for_s, stage.waits)
        for stage in stages
    )
    return tuple(views), timeline.fastest(stages)


def checks(delivery: Delivery) -> tuple[str, ...]:
    """Say what a delivery is judged by, a line each."""
    return (*map(check, delivery.checks), *map(look, delivery.looks))


def check(one: Check) -> str:
    """Say in one line what a check compares."""
    if isinstance(one, ErrorsCheck):
        what = "failed requests"
    elif isinstance(one, NetworkCheck):
        what = "requests whose connection broke"
    elif isinstance(one, LogCheck):
        what = f'log lines matching "{sentences.short(one.pattern)}", for each request'
    elif one.bounds_ms:
        what = f"requests slower than {' or '.join(map(str, one.bounds_ms))} ms"
    else:
        what = "requests slower than bounds taken from stable's own history"
    if isinstance(one.against, AgainstSlo):
        return f"{one.name}: {what}, at most {one.against.max * 100:g} %"
    ratio, plus = one.against.ratio, one.against.plus * 100
    return f"{one.name}: {what}, at most {ratio:g} × stable's + {plus:g} %"


def look(one: Look) -> str:
    """Say in one line what a look at something else than counts compares."""
    if isinstance(one, NewLinesCheck):
        kinds = f'kinds of log lines matching "{sentences.short(one.pattern)}"'
        return f"{one.name}: {kinds} that stable never wrote, held at {one.times} of one kind"
    if isinstance(one, QueryCheck):
        every = prose.seconds(one.every_s)
        what = f"{one.source} query {sentences.short(one.query)} every {every}"
    else:
        what = "memory of each replica" if one.what == usage.MEMORY else "CPU for each request"
    unit = "" if isinstance(one, QueryCheck) else figures.UNITS.get(one.what, "")
    if isinstance(one.against, Threshold):
        limits = figures.limits(one.against, unit)
        strikes = prose.several(max(1, one.against.strikes), "look")
        return f"{one.name}: {what}, {limits}; outside of it {strikes} in a row: rolled back"
    return f"{one.name}: {what}, {figures.margin(one.against, unit)} (approximate)"


def _values(parameters: Mapping[str, Any], provenance: Mapping[str, str]) -> Iterable[Value]:
    """Return the parameters, then what was patched beside them."""
    for name, value in parameters.items():
        yield Value(name, str(value), provenance.get(f"parameters.{name}", ""))
    for path, origin in provenance.items():
        # What a parameter filled in is told by the parameter; what the template says, by its name.
        if not path.startswith("parameters.") and ": " not in origin and "template" not in origin:
            yield Value(path, "patched", origin)


def _parameter(name: str, parameter: Parameter) -> ParameterView:
    return ParameterView(
        name=name,
        title=parameter.title,
        default=parameter.default,
        kind=parameter.format or parameter.type,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        enum=tuple(parameter.enum or ()),
    )
