"""Ticks of 15 s, and 1 % errors."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
TICK_S = 15


def run(rng):
    return Service(candidate=0.01, tick_s=TICK_S).run(rng)
