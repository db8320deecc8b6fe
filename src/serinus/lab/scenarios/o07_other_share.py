"""The candidate gets 1.5 times the share that is configured."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return mishaps.misrouted(Service().run(rng), times=1.5)
