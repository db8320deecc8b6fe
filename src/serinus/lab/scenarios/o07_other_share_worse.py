"""The candidate gets 1.5 times the share that is configured; 1 % errors."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return mishaps.misrouted(Service(candidate=0.01).run(rng), times=1.5)
