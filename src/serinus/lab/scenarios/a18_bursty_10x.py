"""Bursts of 10 errors on average, ten times as often in the candidate."""

from serinus.lab.service import Bursts, Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(bursts=Bursts(1e-4, mean=10), candidate_bursts=Bursts(1e-3, mean=10)).run(rng)
