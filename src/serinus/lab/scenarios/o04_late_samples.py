"""One pod's scrape in five is that of before, and its counts come a tick later."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return mishaps.late(rng, Service().run(rng), share=0.2)
