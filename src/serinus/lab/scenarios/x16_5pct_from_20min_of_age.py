"""Each pod is well until it is 20 minutes old, then it fails at 5 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.049 * m.aged(1200)).run(rng)
