"""axe-core: what a page makes hard for people who do not see it, or do not use a mouse."""

import functools
import importlib.resources
from typing import Any, Final

from playwright import sync_api

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What it would fetch first, style sheets once more, serves only rules that are not asked for.
RUN: Final = """
(tags) => axe.run(document, {runOnly: tags, resultTypes: ["violations"], preload: false})
    .then((found) => found.violations)
"""


def violations(page: sync_api.Page) -> list[str]:
    """Return what is wrong with the page as it stands, a line for each rule and element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, list(RULES))
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]} ({_why(node)})"
        for rule in found
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    said = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return "; ".join(said)


@functools.cache
def _source() -> str:
    package = importlib.resources.files("axe_playwright_python")
    return package.joinpath("axe.min.js").read_text(encoding="utf-8")
