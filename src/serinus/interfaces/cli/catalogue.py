"""
All commands: their names, their groups, where their code is, and what they do in one line.

The page of ``serinus --help`` is written from this table alone, so that nothing heavy is imported
for it; a command's module is imported when the command is typed.
"""

from collections.abc import Mapping
from typing import NamedTuple

import serinus

CLI = "serinus.interfaces.cli"


class Entry(NamedTuple):
    """One command."""

    name: str
    place: str
    summary: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Run",
        (
            Entry("up", f"{CLI}.run:up", "Run the controller and Envoy here, until Ctrl-C."),
            Entry("dashboard", f"{CLI}.run:link", "Print a link to the dashboard that is served."),
            Entry("down", f"{CLI}.run:down", "Drain and stop everything that serves."),
            Entry(
                "demo", f"{CLI}.run:demo", "See one good and two bad releases, in three minutes."
            ),
        ),
    ),
    (
        "Cluster",
        (
            Entry("install", f"{CLI}.cluster:install", "Print what a cluster needs."),
            Entry(
                "controller",
                f"{CLI}.cluster:controller",
                "Deliver the applications of a cluster, until Ctrl-C.",
            ),
        ),
    ),
    (
        "Ship",
        (
            Entry("init", f"{CLI}.init:init", "Write a new application's file, by questions."),
            Entry("deploy", f"{CLI}.ship:deploy", "Ask for a version, or add an application."),
            Entry("delete", f"{CLI}.ship:delete", "Stop an application and forget it."),
            Entry(
                "plan", f"{CLI}.specs:plan", "Show what a release would do, and how long it takes."
            ),
            Entry("lint", f"{CLI}.specs:lint", "Find everything that is wrong with specs."),
            Entry("template", f"{CLI}.specs:template", "Show the templates: ls, show."),
            Entry("export", f"{CLI}.export:export", "Print the specs as Kubernetes manifests."),
            Entry(
                "import", f"{CLI}.bring:import_", "Read what other tools judge by as our checks."
            ),
        ),
    ),
    (
        "Try",
        (
            Entry(
                "simulate",
                f"{CLI}.simulate:simulate",
                "Try a delivery out against faults that you think up.",
            ),
            Entry(
                "replay",
                f"{CLI}.replay:replay",
                "Play recorded traffic through a policy.",
            ),
            Entry(
                "calibrate",
                f"{CLI}.calibrate:calibrate",
                "Estimate a policy's false alarms on your own past.",
            ),
            Entry("test", f"{CLI}.policies:policies", "Test a policy: its cases, as for CI."),
        ),
    ),
    (
        "Look",
        (
            Entry("status", f"{CLI}.look:status", "See what is in flight. This is the default."),
            Entry("watch", f"{CLI}.watching:watch", "Follow a release as it happens."),
            Entry("explain", f"{CLI}.look:explain", "Tell why a release is where it is."),
            Entry("history", f"{CLI}.look:history", "List past releases and what became of them."),
            Entry("diff", f"{CLI}.look:diff", "Show what changed between two releases."),
            Entry("logs", f"{CLI}.logbook:logs", "Read what the replicas wrote."),
        ),
    ),
    (
        "Steer",
        (
            Entry("pause", f"{CLI}.steer:pause", "Stay at this step; the checks go on guarding."),
            Entry("resume", f"{CLI}.steer:resume", "End a pause."),
            Entry("next", f"{CLI}.steer:next_", "Skip the current wait."),
            Entry(
                "promote", f"{CLI}.steer:promote", "Skip everything that is left; needs a reason."
            ),
            Entry("rollback", f"{CLI}.steer:rollback", "Give all traffic back to stable."),
            Entry("retry", f"{CLI}.steer:retry", "Try a failed or held change again."),
            Entry("approve", f"{CLI}.steer:approve", "Open the gate that a release waits at."),
            Entry(
                "reject", f"{CLI}.steer:reject", "Refuse at the gate: the release is taken back."
            ),
        ),
    ),
    (
        "Other",
        (
            Entry("bench", f"{CLI}.bench:bench", "Measure how good the decisions are: decisions."),
            Entry("notify", f"{CLI}.notices:notify", "See whether notifications arrive: test."),
            Entry("version", f"{CLI}.about:version", "Print the version."),
            Entry(
                "completion", f"{CLI}.about:completion", "Print completion for bash, zsh or fish."
            ),
        ),
    ),
)

ENTRIES: tuple[Entry, ...] = tuple(entry for _, entries in GROUPS for entry in entries)

BELOW = {"bench": ("decisions",), "notify": ("test",), "template": ("ls", "show")}
"""Commands that have commands below them."""

ALONE: Mapping[str, tuple[str, bool]] = {
    "up": ("it runs a controller on this machine", True),
    "dashboard": ("it makes links with the key of this machine", True),
    "down": ("it stops what runs on this machine", True),
    "demo": ("it releases an application of its own on this machine", False),
    "install": ("it prints what a cluster needs, and asks nobody", False),
    "controller": ("it delivers the applications of a cluster by itself", False),
    "init": ("it writes a file on this machine; a page of the dashboard asks the same", False),
    "delete": ("it removes the file of an application, which is kept elsewhere", True),
    "plan": (
        "it reads the specs of this machine; the dashboard shows the same on the page Deploy",
        True,
    ),
    "export": ("it reads the specs of this machine", True),
    "import": ("it reads files of this machine", False),
    "simulate": ("it reads the specs of this machine", True),
    "replay": ("it reads the releases and recordings of this machine", True),
    "calibrate": ("it reads the past that this machine keeps", True),
    "test": ("it reads the cases and specs of this machine", False),
    "bench": ("it measures what is installed on this machine", False),
    "notify": ("it reads the environments and secrets of this machine", True),
    "version": ("it tells what is installed on this machine", False),
    "completion": ("it prints a script, and asks nobody", False),
}
"""
Commands that have no --server: why, and whether they are typed where the dashboard is served.

All others take it.
"""

CODES = (
    (0, "done, or the release succeeded"),
    (1, "error"),
    (2, "wrong usage"),
    (3, "refused"),
    (4, "rolled back"),
    (5, "timed out"),
    (6, "needs an approval"),
    (7, "held at 0: a person decides"),
    (8, "superseded by a newer change"),
)


def page() -> str:
    """Write the page of ``serinus --help``."""
    lines = ["Usage: serinus COMMAND [OPTIONS]", "", serinus.__doc__ or ""]
    for title, entries in GROUPS:
        lines += ["", f"{title}:"]
        lines += [f"  {entry.name:<11} {entry.summary}" for entry in entries]
    lines += ["", "Exit codes:"]
    lines += [f"  {code}  {meaning}" for code, meaning in CODES]
    lines += [
        "",
        "Where:",
        "  --home DIR   SERINUS_HOME    what is running and what was (./.serinus)",
        "  --specs DIR  SERINUS_SPECS   the applications as YAML (./delivery)",
        "",
        "serinus COMMAND --help tells more. To begin: serinus demo",
    ]
    return "\n".join(lines)
