"""The counters of each pod begin anew once in 2 minutes."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return mishaps.resets(rng, Service().run(rng), every_s=120)
