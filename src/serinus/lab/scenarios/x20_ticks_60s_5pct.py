"""Ticks of a minute, and 5 % errors."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
TICK_S = 60


def run(rng):
    return Service(candidate=0.05, tick_s=TICK_S).run(rng)
