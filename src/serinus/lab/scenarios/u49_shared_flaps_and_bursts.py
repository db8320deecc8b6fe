"""Something shared flaps at 10 % for 15 s of every 4 minutes; errors come in bursts of 10."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    phase = rng.uniform(0, 240)
    return Service(
        stable=lambda m: 0.001 + 0.099 * m.every(240, 15, phase), bursts=Bursts(1e-4, mean=10)
    ).run(rng)
