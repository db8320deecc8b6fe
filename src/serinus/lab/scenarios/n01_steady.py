"""Nothing happens: 100 requests a second, 0.1 % errors on both sides."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(rps=100, stable=0.001).run(rng)
