"""Ticks of a minute, and nothing happens."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
TICK_S = 60


def run(rng):
    return Service(tick_s=TICK_S).run(rng)
