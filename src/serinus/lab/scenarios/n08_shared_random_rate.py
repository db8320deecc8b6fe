"""The rate of both versions wanders around 0.2 % (log AR(1), 0.95 from tick to tick)."""

from serinus.lab.service import Service, Shared

KIND = "null"
HISTORY_S = 3600


def run(rng):
    walk = Shared(rng, sd=1.0, memory_s=97.5)  # innovations of 0.31 in each tick of 5 s
    return Service(stable=lambda m: 0.002 * walk(m)).run(rng)
