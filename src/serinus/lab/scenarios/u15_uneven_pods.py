"""Pods differ much: log-normal factors with a standard deviation of 0.8."""

from serinus.lab.faults import Uneven
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Uneven(sd=0.8)]).run(rng)
