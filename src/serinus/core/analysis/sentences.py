"""The words: what the numbers say, in sentences that people can act on."""

from collections.abc import Callable

from serinus.core.analysis.placebo import Placebo
from serinus.core.spec.delivery import AgainstSlo, Check, LatencyCheck, LogCheck, NetworkCheck
from serinus.core.spec.prose import several
from serinus.core.spec.wayback import Margin

_MUCH = 1000.0
_DIGITS = 6
_SHORT = 80
NOBODY = "no requests reached the candidate yet"
NOTHING = "nothing is known of stable before the switch"
SILENCE = "no requests came since the switch"
UNHEARD = "nobody has counted lines of the logs yet"
TOO_LITTLE = "too little is known of stable before the switch"


def percent(fraction: float) -> str:
    """Write a fraction as a percentage with two digits that count: ``0.019`` is ``1.9 %``."""
    return f"{hundredths(fraction)} %"


def hundredths(fraction: float) -> str:
    """Write how many that is of a hundred, with two digits that count: ``0.041`` is ``4.1``."""
    value = fraction * 100
    if value <= 0:
        return "0"
    if value >= 9.95:  # noqa: PLR2004  from here on, whole numbers
        return f"{value:.0f}"
    digits = 1
    while value < 0.995 * 10 ** (1 - digits) and digits < _DIGITS:
        digits += 1
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".")


def good(fraction: float) -> str:
    """Write a share of good requests with the digits that tell it from all: ``99.95 %``."""
    bad = hundredths(1 - fraction)
    return f"{fraction * 100:.{len(bad.partition('.')[2])}f} %"


def odds(evidence: float) -> str:
    """Write evidence as odds: ``14:1``, ``over 1,000:1``."""
    if evidence > _MUCH:
        return "over 1,000:1"
    if evidence >= 9.95:  # noqa: PLR2004  from here on, whole numbers
        return f"{evidence:,.0f}:1"
    return f"{evidence:.1f}:1"


def rates(
    check: Check,
    bound_ms: int,
    shares: tuple[float, float, float],
    requests: int,
    evidence: float,
    *,
    before: bool = False,
) -> str:
    """
    Compare the rates of one check; ``shares``: candidate's, stable's, and the limit.

    ``before``: stable's is from before the switch, which makes the comparison an approximate one.
    """
    own, stable, limit = shares
    proof = f", evidence {odds(evidence)}" if evidence > 1.0 else ""
    counted = f"{requests:,} request{'' if requests == 1 else 's'}{proof}"
    say: Callable[[float], str] = percent
    what = f"errors {percent(own)}"
    if isinstance(check, LatencyCheck):
        what = f"{percent(own)} slower than {bound_ms} ms"
    elif isinstance(check, NetworkCheck):
        what = f"broken connections {percent(own)}"
    elif isinstance(check, LogCheck):
        say = hundredths
        what = f'log lines matching "{short(check.pattern)}" {say(own)} in 100 requests'
    if isinstance(check.against, AgainstSlo):
        return f"{what}, the objective is at most {say(limit)} ({counted})"
    allowed = f"allowed {say(limit)}"
    if before:
        label = "approximate: compared with history"
        return f"{what} against {say(stable)} before the switch, {allowed} ({counted}; {label})"
    return f"{what} against {say(stable)} on stable, {allowed} ({counted})"


def short(text: str) -> str:
    """Shorten what others wrote, on one line, to what fits into a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHORT else f"{flat[: _SHORT - 1]}…"


def unjudged(name: str, why: str) -> str:
    """Say that a check could not be judged."""
    return f"{name} not judged: {why}"


def not_worse(check: Check, margin: Margin, error: float) -> str:
    """Say what was shown."""
    shown = f"shown with {percent(1 - error)}"
    if isinstance(check.against, AgainstSlo):
        return f"within the objective of {percent(check.against.max)}, {shown}"
    plus = f" plus {margin.plus * 100:.3g} pp" if margin.plus else ""
    return f"not worse than {margin.ratio:g} × stable{plus}, {shown}"


def unverified(smallest: float | None) -> str:
    """Say what could not have been seen."""
    if smallest is None:
        return "unverified: nothing could be compared"
    if smallest >= 1.0:
        return "unverified: no regression could have been seen"
    return f"unverified: a regression below {percent(smallest)} could not have been seen"


def objective(name: str, text: str, *, shared: bool) -> str:
    """Say that an objective is violated, and whether the candidate is the cause."""
    cause = "stable violates it as well, so the candidate is not the cause"
    return f"{name} violated: {text}; {cause}" if shared else f"{name} violated: {text}"


def luck(found: Placebo | None) -> str:
    """Say how often a replica of the stable version would fail the probe; empty if unknown."""
    if found is None:
        return ""
    if not found.windows:
        return "nothing is known of how often replicas of the stable version have bad luck"
    length = found.seconds / 60
    whose = several(found.replicas, "replica")
    return (
        f"{whose} of the stable version would have failed such a probe in {found.crossed:,} of"
        f" {found.windows:,} windows of {length:.3g} min"
    )
