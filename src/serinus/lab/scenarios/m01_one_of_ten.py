"""One of ten checks gets worse, from 0.1 % to 1 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
LINES = tuple(f"check{number}" for number in range(10))
CHECKS = dict.fromkeys(LINES, (1.25, 0.0002))


def run(rng):
    lines = dict.fromkeys(LINES, (0.001, 0.001))
    return Service(lines=lines | {"check3": (0.001, 0.01)}).run(rng)
