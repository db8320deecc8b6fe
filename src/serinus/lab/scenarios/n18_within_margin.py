"""The candidate is exactly as bad as allowed: 1.25 × 0.1 % + 0.02 pp."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.001, candidate=1.25 * 0.001 + 0.0002).run(rng)
