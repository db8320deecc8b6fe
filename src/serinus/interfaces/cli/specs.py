"""``plan``, ``lint`` and ``template``."""

import cyclopts

template = cyclopts.App(name="template", help="Show the templates that deliveries are made from.")


def plan() -> int:
    """Show what a release would do."""
    return 0


def lint() -> int:
    """Find everything that is wrong with specs."""
    return 0
