"""The clock of the candidate's counts is 3 s late, and both flap at 20 %."""

from serinus.lab import mishaps
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    phase = rng.uniform(0, 120)
    service = Service(stable=lambda m: 0.001 + 0.2 * m.every(120, 20, phase))
    return mishaps.skewed(rng, service.run(rng), part=0.6)
