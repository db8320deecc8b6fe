"""
Draw what the demo prints: docs/images/demo.svg, the picture of the README.

A real run, as it came out; the home's random name is the only thing that is left out.
"""

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from serinus.interfaces.demo import here

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "demo.svg"
WIDTH = 118


def main() -> int:
    """Run the demo, and draw it if it came out as it should."""
    console = Console(record=True, width=WIDTH, highlight=False, force_terminal=True)
    code = here.main(console=console)
    if code == 0:
        PICTURE.parent.mkdir(exist_ok=True)
        svg = console.export_svg(title="make demo", theme=MONOKAI, unique_id="demo")
        PICTURE.write_text(re.sub(r"serinus-demo-\w+", "serinus-demo", svg))
    return code


if __name__ == "__main__":
    sys.exit(main())
