"""Bursts of 40 errors on average that hit whoever serves, in one tick of twenty."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(outbreaks=Bursts(rate=0.01, mean=40)).run(rng)
