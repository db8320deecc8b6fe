"""docs/reference/templates.md and a curve for each built-in template, from the templates."""

from serinus.boot import catalogue
from serinus.core.spec import duration, percent, resolve, timeline
from serinus.core.spec.application import DeliverySpec
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer
from serinus.core.spec.template import DeliveryTemplate, Parameter
from serinus.core.spec.timeline import Stage

FOLDER = "docs/reference"
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
`serinus template show NAME` prints what stands here, and `serinus plan APP` what it comes to for an
application.

The pictures show the share of the new version over time, with the defaults and at the fastest:
evidence may need longer than the clock, and gates wait for people.

| template | what it does | everybody after |
|---|---|---|
"""

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 16, 36
STYLE = """\
  <style>
    text { font: 12px system-ui, sans-serif; fill: #52606d; }
    .grid { stroke: #cbd2d9; stroke-width: 1; }
    .share { fill: #e3f9e5; stroke: #207227; stroke-width: 2; }
    .gate { stroke: #b44d12; stroke-width: 1.5; stroke-dasharray: 4 3; }
  </style>
"""


def generate() -> dict[str, str]:
    """Return the page and the curves."""
    library = catalogue.builtin()
    page, files = [HEAD], {}
    sections = []
    for name, versions in sorted(library.templates.items()):
        template = versions[-1]
        stages = timeline.timeline(_delivery(name))
        fastest = timeline.fastest(stages)
        after = duration.of_seconds(fastest) if fastest else "as replicas get ready"
        page.append(f"| [{name}](#{name}) | {template.spec.about} | {after} |\n")
        sections.append(_section(template, stages))
        files[f"{FOLDER}/curve-{name}.svg"] = _curve(template.spec.title, stages)
    return {f"{FOLDER}/templates.md": "".join([*page, *sections]), **files}


def _delivery(name: str) -> Delivery:
    layer = Layer("defaults", "spec.delivery", DeliverySpec(template=name))
    found = resolve.resolve((layer,), catalogue.builtin(), Limits())
    if found.delivery is None:
        raise ValueError(f"template {name} does not resolve: {found.problems}")
    return found.delivery


# --- the page -----------------------------------------------------------------------------------


def _section(template: DeliveryTemplate, stages: tuple[Stage, ...]) -> str:
    spec = template.spec
    rows = "".join(
        f"| {duration.of_seconds(s.at_s)} | {percent.of_mille(s.share)} | {s.title} "
        f"| {', '.join(s.waits) or '–'} |\n"
        for s in stages
    )
    ordered = sorted(spec.parameters.items(), key=lambda item: item[1].order)
    parameters = "".join(_parameter(name, parameter) for name, parameter in ordered)
    return f"""
## {spec.template}

**{spec.title}**, version {spec.version}. {spec.promise}

Not for {spec.not_for}.

```{{image}} curve-{spec.template}.svg
:alt: The share of the new version over time with {spec.template}
```

| at | share | what happens | waits for |
|---|---|---|---|
{rows}
| parameter | what it is | default | may be |
|---|---|---|---|
{parameters}"""


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


# --- the curve ----------------------------------------------------------------------------------


def _curve(title: str, stages: tuple[Stage, ...]) -> str:
    full = timeline.fastest(stages)
    # The end is cut where everybody is served for a while: what stays warm draws no picture.
    end = full * 1.15 or 60.0
    points = [(0.0, 0)]
    for stage in stages:
        points += [(stage.at_s, points[-1][1]), (stage.at_s, stage.share)]
    points.append((end, points[-1][1]))
    line = " ".join(f"{_x(at, end):.1f},{_y(share):.1f}" for at, share in points if at <= end)
    area = f"{line} {_x(end, end):.1f},{_y(0):.1f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n',
        f"  <title>{title}: the share of the new version over time</title>\n",
        STYLE,
        f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n',
    ]
    for share in (0, 250, 500, 750, FULL):
        y = _y(share)
        parts.append(
            f'  <line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>\n'
            f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share // 10} %</text>\n'
        )
    parts.append(f'  <polygon class="share" points="{area}"/>\n')
    parts += [_gate(stage, end) for stage in stages if _waits_for_people(stage)]
    marks = {0.0: "start", full: duration.of_seconds(full) if full else "start"}
    parts += [
        f'  <text x="{_x(at, end):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{text}</text>\n'
        for at, text in marks.items()
    ]
    return "".join([*parts, "</svg>\n"])


def _waits_for_people(stage: Stage) -> bool:
    return any("approval" in wait or "person" in wait for wait in stage.waits)


def _gate(stage: Stage, end: float) -> str:
    x = _x(stage.at_s, end)
    return (
        f'  <line class="gate" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}">'
        f"<title>{', '.join(stage.waits)}</title></line>\n"
    )


def _x(at_s: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at_s / end


def _y(share: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share / FULL)
