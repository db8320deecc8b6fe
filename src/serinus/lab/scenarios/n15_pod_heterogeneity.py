"""Pods differ for good: log-normal factors with a standard deviation of 0.4.

The policy says how many candidate pods there are; by the usual rule three at a weight of 25 %.
"""

from serinus.lab.faults import Uneven
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Uneven(sd=0.4)]).run(rng)
