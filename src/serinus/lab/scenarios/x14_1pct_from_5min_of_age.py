"""Each pod is well until it is 5 minutes old, then it fails at 1 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.009 * m.aged(300)).run(rng)
