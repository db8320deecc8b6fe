"""The candidate alone fails at 10 % for 10 s of every five minutes."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    phase = rng.uniform(0, 300)
    return Service(candidate=lambda m: 0.001 + 0.099 * m.every(300, 10, phase)).run(rng)
