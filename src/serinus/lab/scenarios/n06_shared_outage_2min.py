"""Both versions fail at 20 % from the 10th to the 12th minute."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(stable=lambda m: 0.001 + 0.199 * m.during(600, 720)).run(rng)
