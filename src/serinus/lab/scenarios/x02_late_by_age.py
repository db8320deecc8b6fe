"""Each pod is well until it is 15 minutes old, then it fails at 2 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.019 * m.aged(900)).run(rng)
