"""Five of ten checks get worse, from 0.1 % to 0.3 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
LINES = tuple(f"check{number}" for number in range(10))
CHECKS = dict.fromkeys(LINES, (1.25, 0.0002))


def run(rng):
    lines = dict.fromkeys(LINES, (0.001, 0.001)) | dict.fromkeys(LINES[:5], (0.001, 0.003))
    return Service(lines=lines).run(rng)
