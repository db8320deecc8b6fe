"""docs/reference/shipped-scenarios.md: the tables of the scenarios that ship."""

from serinus.core.spec import duration, percent
from serinus.lab import shelf
from serinus.lab.scenario import DEFAULT_PLAN, Scenario

TOLD = {
    "counts": (
        "Counts of errors: 22 healthy releases (`n`) and 22 bad ones (`a`). What Serinus and the "
        "rules beside it are measured by."
    ),
    "unseen": (
        "More healthy releases, most of them of services whose single pods misbehave: other sizes, "
        "lengths, rates and numbers of pods, no history, other plans and ticks."
    ),
    "age": (
        "Regressions that go by the age of each pod, in services whose pods misbehave, with little "
        "traffic or without history."
    ),
    "latency": (
        "How long requests take, at a weight of 10 %. 1.05 × stable's share beyond a bound and "
        "0.05 pp are allowed."
    ),
    "metrics": "Ten checks at once, each of which counts requests of its own.",
    "gauges": (
        "Numbers that are no counts, equal in both arms or 2 standard deviations higher in the "
        "candidate."
    ),
    "operations": (
        "What goes wrong between a service and whoever judges it; each in a healthy release and in "
        "one with a regression."
    ),
}

HEAD = """\
<!-- Written by scripts/generate from src/serinus/lab/scenarios; edit those. -->
# Scenarios that ship

[Scenarios](scenarios.md) says how one is written and what it is made of. The file of each of these
is in `src/serinus/lab/scenarios/`, 10 to 20 lines long. Unless the title says otherwise: ticks of
5 s, an hour of history, ten stable pods, 100 requests a second, 0.1 % errors, and a plan of half an
hour
"""


def generate() -> dict[str, str]:
    """Return the page."""
    weights = ", ".join(
        f"{percent.of_mille(round(weight * 1000))} for {duration.of_seconds(seconds)}"
        for weight, seconds in DEFAULT_PLAN
    )
    sets = "".join(_set(name, ones) for name, ones in shelf.sets().items())
    return {"docs/reference/shipped-scenarios.md": f"{HEAD}({weights}).\n{sets}"}


def _set(name: str, ones: tuple[Scenario, ...]) -> str:
    rows = "".join(f"| `{one.name}` | {one.kind} | {one.title} |\n" for one in ones)
    return (
        f"\n## {name}\n\n{TOLD[name]}\n\n| scenario | kind | what happens |\n|---|---|---|\n{rows}"
    )
