"""One pod's scrape in five is that of before, and its counts come a tick later; 1 % errors."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return mishaps.late(rng, Service(candidate=0.01).run(rng), share=0.2)
