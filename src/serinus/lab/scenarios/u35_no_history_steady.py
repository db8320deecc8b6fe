"""No history, and nothing happens."""

from serinus.lab.service import Service

KIND = "null"


def run(rng):
    return Service().run(rng)
