"""More weight comes with more load and more errors: pooled numbers accuse the candidate."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(
        rps=lambda m: 150 if m.weight >= 0.249 else 60,
        stable=lambda m: 0.006 if m.weight >= 0.249 else 0.001,
    ).run(rng)
