"""No history, and fresh pods fail at 10 % when they begin, decaying with 20 s."""

from serinus.lab.faults import WarmUp
from serinus.lab.service import Service

KIND = "null"
POD_FAULTS = True


def run(rng):
    return Service(faults=[WarmUp(errors=0.1, decay_s=20)]).run(rng)
