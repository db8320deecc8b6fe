"""One request in ten seconds, 0.2 % errors."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(rps=0.1, stable=0.002).run(rng)
