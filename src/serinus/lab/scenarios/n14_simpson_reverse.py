"""Half of the traffic while all is bad, little when all is well: the other way round."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
PLAN = [(0.5, 300), (0.05, 1500)]


def run(rng):
    return Service(stable=lambda m: 0.001 + 0.009 * m.during(-1e9, 300)).run(rng)
