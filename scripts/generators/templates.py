"""docs/reference/templates.md and one page for each built-in template, from one skeleton."""

from typing import assert_never

from serinus.boot import catalogue
from serinus.core.spec import duration, percent, timeline
from serinus.core.spec.delivery import FULL, SettleStep, Strategy
from serinus.core.spec.template import DeliveryTemplate, Parameter, TemplateSpec
from serinus.core.spec.timeline import Kind, Stage

FOLDER = "docs/reference/templates"
RATE = 100
"""Requests a second in the estimates of who meets a new version."""

HEAD = """\
<!-- Written by scripts/generate from src/serinus/boot/templates; edit those. -->
# Templates

A template is one way to deliver: a strategy, a plan, checks, and parameters. An application names
one and sets what it wants to be different:

```yaml
delivery:
  template: canary-standard      # or {name: canary-standard, version: "1"}
  parameters: {bake: 2m}
```

Without a template it gets `canary-standard`. How parameters and patches meet is told in
[How values meet](../explanation/how-values-meet.md); what a plan may hold, in [Steps](steps.md).
`serinus template show NAME` prints what its page says, and `serinus plan APP` what it comes to for
an application.

| template | what it does | everybody after | meet it before |
|---|---|---|---|
"""
FOOT = f"""
*Everybody after* is the time until the new version serves everybody, with the defaults and at the
fastest: evidence may need longer than the clock, and gates wait for people. *Meet it before* is how
many requests the new version answers until then, of an application that gets {RATE} a second, if
nothing speaks against it; a bad version is taken back earlier and meets fewer.

```{{toctree}}
:hidden:
:glob:

templates/*
```
"""

NEEDS = {
    "weights": "a router that splits the traffic by shares",
    "switch": "a router that moves all traffic at once",
    "mirror": "a router that sends copies of requests",
    "headers": "a router that chooses requests by what they say: a header, a cookie, the query",
    "sticky": "a router that keeps a user on a side",
    "flags": "a provider of feature flags",
}


def generate() -> dict[str, str]:
    """Return the index and the pages."""
    rows, files = [], {}
    for name, versions in sorted(catalogue.builtin().templates.items()):
        template = versions[-1]
        stages = timeline.timeline(catalogue.delivery(name))
        rows.append(_row(template.spec, stages))
        files[f"{FOLDER}/{name}.md"] = _page(template, stages)
    return {f"{FOLDER}.md": "".join([HEAD, *rows, FOOT]), **files}


def _row(spec: TemplateSpec, stages: tuple[Stage, ...]) -> str:
    name, fastest = spec.template, timeline.fastest(stages)
    after = duration.of_seconds(fastest) if fastest else "as replicas get ready"
    if not timeline.promotes(stages):
        after = f"never: it is over after {after}"
    met = timeline.exposed(stages, RATE)
    unknown = any(stage.kind is Kind.MATCH and not stage.part for stage in stages)
    seen = "those that match" if unknown else f"{met:,.0f} requests" if met else "nobody"
    if spec.strategy == Strategy.ROLLING:
        seen = "as replicas are replaced"
    return f"| [{name}](templates/{name}.md) | {spec.about} | {after} | {seen} |\n"


# --- a page -------------------------------------------------------------------------------------


def _page(template: DeliveryTemplate, stages: tuple[Stage, ...]) -> str:
    spec, name = template.spec, template.spec.template
    ordered = sorted(spec.parameters.items(), key=lambda item: item[1].order)
    parameters = "".join(_parameter(key, parameter) for key, parameter in ordered)
    needs = ", and ".join(NEEDS[need] for need in spec.needs)
    strategy = Strategy(spec.strategy)
    return f"""\
<!-- Written by scripts/generate from src/serinus/boot/templates/{name}.yaml; edit that. -->
# {name}

{spec.title}, version {spec.version}: {spec.about}

**Promise**: {spec.promise}

**Not for** {spec.not_for}.

**Needs** {needs or "nothing of the router but that it sends requests to replicas"}.

```{{image}} {name}.svg
:alt: What the new version gets over time with {name}
```

{_legend(stages)}

## What happens when

With the defaults, and at the fastest.

| at | the new version gets | what happens | waits for |
|---|---|---|---|
{"".join(_stage(stage) for stage in stages)}
## Who meets a new version

{_met(strategy, stages)}

## The way back

{_back(strategy, template)}

## What can be set

| parameter | what it is | default | may be |
|---|---|---|---|
{parameters}
## How it is written

```yaml
delivery:
  template: {{name: {name}, version: "{spec.version.partition(".")[0]}"}}
```

stands for this, with the parameters filled in:

```yaml
{_plan(name)}```
"""


def _legend(stages: tuple[Stage, ...]) -> str:
    kinds = {stage.kind for stage in stages}
    said = ["Green: the share of all requests that the new version answers."]
    if Kind.PREVIEW in kinds:
        said.append("Grey: it runs without traffic.")
    if Kind.MIRROR in kinds:
        said.append("Hatched: the share of the requests that are copied to it.")
    if Kind.MATCH in kinds:
        said.append("Dotted: its cohort.")
    if any(stage.gated for stage in stages):
        said.append("Dashed line: it waits there until somebody says yes.")
    return " ".join(said if any(stage.share for stage in stages) else said[1:])


def _stage(stage: Stage) -> str:
    waits = ", ".join(stage.waits) or "–"
    return f"| {duration.of_seconds(stage.at_s)} | {_gets(stage)} | {stage.title} | {waits} |\n"


def _gets(stage: Stage) -> str:
    if stage.kind is Kind.MIRROR:
        return f"copies of {percent.of_mille(stage.part)}"
    if stage.kind is Kind.MATCH and not stage.part:
        return "its cohort"
    return percent.of_mille(stage.share)


def _plan(name: str) -> str:
    """Return the plan of a template, and all that follows it, as it was written."""
    _, found, rest = catalogue.text(f"{name}.yaml").partition("\n  plan:\n")
    if not found:
        raise ValueError(f"{name}.yaml has no plan of its own")
    lines = f"  plan:\n{rest}".splitlines()
    return "".join(f"{line.removeprefix('  ')}\n" for line in lines)


# --- sentences ----------------------------------------------------------------------------------


def _met(strategy: Strategy, stages: tuple[Stage, ...]) -> str:
    said = []
    met, whole = timeline.exposed(stages, RATE), timeline.fastest(stages) * RATE
    copies = sum(s.part / FULL * s.for_s * RATE for s in stages if s.kind is Kind.MIRROR)
    if copies:
        said.append(
            f"An application that gets {RATE} requests a second sends the new version about "
            f"{copies:,.0f} copies. Nobody gets their answers, but what they do is done: a copied "
            "order is a second order, unless the application knows better."
        )
    if any(s.kind is Kind.MATCH and not s.part for s in stages):
        said.append(
            "Whoever makes requests that match meets it, and nobody else. How many these are "
            "depends on what is matched."
        )
    if strategy is Strategy.ROLLING:
        said.append(
            "Every replica that is replaced answers its part of the requests, and the next one "
            "follows as soon as it is ready. So the share rises as fast as replicas start, and "
            "there is no moment at which only a few meet the new version."
        )
    elif met:
        said.append(
            f"Of an application that gets {RATE} requests a second, the new version answers about "
            f"{met:,.0f} of {whole:,.0f} ({met / whole * 100:.2g} %) {_until(stages)}, if nothing "
            "speaks against it. A bad version meets fewer: its traffic is taken away within "
            "seconds once the evidence is there."
        )
    elif timeline.promotes(stages):
        said.append(f"{'But nobody' if said else 'Nobody'} gets its answers before everybody does.")
    return "\n\n".join(said)


def _until(stages: tuple[Stage, ...]) -> str:
    return "before it serves everybody" if timeline.promotes(stages) else "until the test is over"


def _back(strategy: Strategy, template: DeliveryTemplate) -> str:
    steps = catalogue.delivery(template.spec.template).steps
    kept = next((step.keep_old_s for step in steps if isinstance(step, SettleStep)), 0.0)
    after = ""
    if kept and strategy in {Strategy.ROLLING, Strategy.RECREATE}:
        after = (
            f"For {duration.of_seconds(kept)} after that the new version is watched: if it crashes "
            "again and again, or is worse than the old one was, the old one is started again. "
        )
    elif kept:
        after = (
            f"The old version stays warm for {duration.of_seconds(kept)} after the promotion: if "
            "the new one crashes again and again, or is worse than the old one was, all traffic "
            "goes back in one move. "
        )
    if strategy in timeline.TESTS:
        return f"{_first(strategy)} `serinus rollback APP` ends it at once."
    until = " until then" if kept else ""
    return f"{_first(strategy)} {after}`serinus rollback APP` goes back at any time{until}."


def _first(strategy: Strategy) -> str:
    """Say what happens with a bad version before it serves everybody."""
    match strategy:
        case Strategy.CANARY:
            return (
                "At an alarm all traffic goes back to the old version at once, fresh replicas are "
                "probed with a little traffic, and when these fail too the release is rolled back: "
                "see [Retreat before rollback](../../explanation/retreat.md)."
            )
        case Strategy.BLUE_GREEN:
            return (
                "Before the switch there is nothing to take back. After it, all traffic goes back "
                "at once, to replicas that never stopped."
            )
        case Strategy.ROLLING:
            return (
                "If new replicas crash or do not get ready, the old ones that still run take all "
                "traffic again, and those that are gone are started anew."
            )
        case Strategy.RECREATE:
            return (
                "If the new replicas do not get ready in time, they stop and the old ones are "
                "started again. Nobody answers until they are ready."
            )
        case Strategy.AB_TEST:
            return (
                "The test ends when its time is over, and everybody gets the old version again. "
                "It promotes nobody: to release the new version, deliver it with another template. "
                "If the new version fails meanwhile, the test ends early."
            )
        case Strategy.MIRROR:
            return (
                "The copies end when their time is over. No user ever got an answer of the new "
                "version, so there is nothing to take back."
            )
        case Strategy.FLAG:
            return "The flag is set back to what it was."
        case _:
            assert_never(strategy)


# --- parameters ---------------------------------------------------------------------------------


def _parameter(name: str, parameter: Parameter) -> str:
    default = "–" if parameter.default is None else f"`{parameter.default}`"
    return f"| `{name}` | {parameter.title} | {default} | {_values(parameter)} |\n"


def _values(parameter: Parameter) -> str:
    if parameter.enum is not None:
        return ", ".join(f"`{choice}`" for choice in parameter.enum)
    kind = parameter.format or {"string": "text"}.get(parameter.type, parameter.type)
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    if low is not None:
        return f"{kind}, at least {low}"
    return kind if high is None else f"{kind}, at most {high}"
