"""
Which phase may follow which: the state machine as a table.

The drawing in ``docs/reference/states.md`` is generated from :data:`ALLOWED`.
:meth:`serinus.core.planner.turn.Turn.to` refuses every move that is not in it.
"""

from collections.abc import Mapping

from serinus.core.state.release import Phase

_ANYWHERE = frozenset({Phase.ROLLING_BACK, Phase.SUPERSEDED})
_CUT_SHORT = _ANYWHERE | {Phase.PROMOTING}

ALLOWED: Mapping[Phase, frozenset[Phase]] = {
    Phase.QUEUED: frozenset({Phase.STARTING, Phase.SUPERSEDED, Phase.ROLLING_BACK}),
    Phase.STARTING: _CUT_SHORT | {Phase.WAITING, Phase.ROLLING, Phase.FAILED, Phase.SUCCEEDED},
    Phase.WAITING: _CUT_SHORT | {Phase.ROLLING, Phase.HELD, Phase.RETREATED},
    Phase.ROLLING: _CUT_SHORT
    | {Phase.WAITING, Phase.HOLDING, Phase.PAUSED, Phase.RETREATED, Phase.HELD}
    | {Phase.CONCLUDED},
    Phase.HOLDING: _CUT_SHORT | {Phase.ROLLING, Phase.PAUSED, Phase.RETREATED, Phase.HELD},
    Phase.PAUSED: _CUT_SHORT | {Phase.ROLLING, Phase.RETREATED, Phase.HELD},
    Phase.RETREATED: _CUT_SHORT | {Phase.PROBING, Phase.TRIAL, Phase.HELD},
    Phase.PROBING: _CUT_SHORT | {Phase.RETREATED, Phase.TRIAL, Phase.HELD},
    Phase.TRIAL: _CUT_SHORT | {Phase.ROLLING, Phase.RETREATED, Phase.HELD},
    Phase.HELD: _CUT_SHORT | {Phase.RETREATED},
    Phase.PROMOTING: _ANYWHERE
    | {Phase.HOLDING, Phase.RETREATED, Phase.HELD, Phase.SETTLING, Phase.SUCCEEDED},
    Phase.SETTLING: frozenset({Phase.SUCCEEDED, Phase.ROLLING_BACK}),
    Phase.ROLLING_BACK: frozenset({Phase.ROLLED_BACK, Phase.SUPERSEDED}),
    Phase.SUCCEEDED: frozenset(),
    Phase.ROLLED_BACK: frozenset(),
    Phase.SUPERSEDED: frozenset(),
    Phase.CONCLUDED: frozenset(),
    Phase.FAILED: frozenset(),
}
