"""The counters of each pod begin anew once in 2 minutes; 1 % errors."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return mishaps.resets(rng, Service(candidate=0.01).run(rng), every_s=120)
