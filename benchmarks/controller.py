"""
The controller of the benchmarks as a process of its own, so that it can be killed.

    python -m benchmarks.controller HOME PORT

It carries out what is asked for in ``HOME/wanted`` until it is killed; what serves goes on serving.
"""

import sys
from pathlib import Path

import anyio

from benchmarks import stage


async def run(place: Path, port: int) -> None:
    """Run until killed."""
    async with stage.controller(place, port):
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(run, Path(sys.argv[1]), int(sys.argv[2]))
