"""
Luck: what is known of how often replicas have bad luck, and what follows for the way back.

The judge repeats the probe on stable's own replicas in the past hour. From that follow how many
fresh replicas have to fail, and how many alarms a release may have; the template may say both
itself.
"""

from math import log

from msgspec.structs import replace

from serinus.core.planner.turn import Turn
from serinus.core.state.release import Retreat

UNKNOWN_PROBES = 2
UNKNOWN_ALARMS = 3
"""What it takes where nothing can be learnt from stable's replicas (latency, a single number)."""


def most(turn: Turn, state: Retreat) -> int:
    """Return how many alarms the release may have before a person should look at it."""
    given = turn.delivery.retreat.max_retreats
    if given is not None:
        return given
    return state.most or UNKNOWN_ALARMS


def wanted(turn: Turn, state: Retreat) -> int:
    """Return how many fresh replicas have to fail before the release is given up."""
    return turn.delivery.retreat.probes or state.wanted or UNKNOWN_PROBES


def learnt(turn: Turn) -> Turn:
    """Keep what is known by now of the luck of stable's replicas, for this episode."""
    reading, state = turn.observed.reading, turn.progress.retreat
    if reading is None or not reading.probes:
        return turn
    learnt = replace(
        state,
        wanted=reading.probes,
        most=max(state.most, reading.alarms),
        luck=reading.luck,
        chance=max(state.chance, reading.chance),
    )
    return turn if learnt == state else turn.with_(retreat=learnt)


def level(turn: Turn, state: Retreat) -> float:
    """Return what the last probe that is needed has to say, for the release to be given up."""
    policy = turn.delivery.retreat
    if state.fails + 1 < wanted(turn, state):
        return log(policy.probe)
    return max(log(policy.probe), log(policy.give_up) - state.ledger)
