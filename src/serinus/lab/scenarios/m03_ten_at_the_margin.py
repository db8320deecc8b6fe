"""All of ten checks are exactly as bad as allowed."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
LINES = tuple(f"check{number}" for number in range(10))
CHECKS = dict.fromkeys(LINES, (1.25, 0.0002))


def run(rng):
    return Service(lines=dict.fromkeys(LINES, (0.001, 1.25 * 0.001 + 0.0002))).run(rng)
