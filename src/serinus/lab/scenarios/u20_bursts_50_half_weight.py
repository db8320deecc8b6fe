"""Bursts of 50 errors, and half of the traffic from the first."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
PLAN = [(0.5, 1800)]


def run(rng):
    return Service(bursts=Bursts(2e-5, mean=50)).run(rng)
