"""The table of routers and stories: requests sent and lost, printed before pytest's summary."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

COLUMNS = ("good", "taken back", "A/B", "adopt", "leave")
PLACE = "SERINUS_CLUSTER_TABLE"
"""The directory in which workers note their results, each in a file of its own."""


def note(router: str, story: str, sent: int, lost: int) -> None:
    """Keep the numbers of one story; nothing where nobody collects them."""
    place = os.environ.get(PLACE)
    if place:
        name = f"{router}-{story}".replace("/", "-").replace(" ", "-")
        Path(place, f"{name}.json").write_text(json.dumps([router, story, sent, lost]))


def lines(place: Path) -> Iterator[str]:
    """Yield the table of what was noted."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for file in sorted(place.glob("*.json")):
        router, story, sent, lost = json.loads(file.read_text())
        found.setdefault(router, {})[story] = (sent, lost)
    if not found:
        return
    yield f"{'requests: sent, lost':<22}" + "".join(f"{name:>18}" for name in COLUMNS)
    for router, stories in found.items():
        cells = (_cell(stories.get(name)) for name in COLUMNS)
        yield f"{router:<22}" + "".join(f"{cell:>18}" for cell in cells)


def _cell(numbers: tuple[int, int] | None) -> str:
    return "–" if numbers is None else f"{numbers[0]:,}, {numbers[1]}"
