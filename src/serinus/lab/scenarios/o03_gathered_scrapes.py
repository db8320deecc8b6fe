"""30 % of the scrapes are missing, and the next one counts for both."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return mishaps.gathered(rng, Service().run(rng), share=0.3)
