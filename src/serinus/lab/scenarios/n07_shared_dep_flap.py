"""Something that both versions need flaps: 5 % for 20 s of every 120 s."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    phase = rng.uniform(0, 120)
    return Service(stable=lambda m: 0.001 + 0.049 * m.every(120, 20, phase)).run(rng)
