"""30 % of the scrapes are missing, and the next one counts for both; 1 % errors."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return mishaps.gathered(rng, Service(candidate=0.01).run(rng), share=0.3)
