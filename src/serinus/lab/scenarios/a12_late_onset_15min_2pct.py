"""Well for 15 minutes, then 2 % errors."""

import math

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.019 * m.during(900, math.inf)).run(rng)
