"""Both versions fail at 0.9 %, just inside an objective of 1 %."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.009).run(rng)
