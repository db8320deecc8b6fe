"""Every five minutes 10 s of 300 requests a second, of which 3 % fail, on both sides."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    phase = rng.uniform(0, 300)
    return Service(
        rps=lambda m: 100 + 200 * m.every(300, 10, phase),
        stable=lambda m: 0.001 + 0.029 * m.every(300, 10, phase),
    ).run(rng)
