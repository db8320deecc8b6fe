"""The words for numbers that are no counts: with their unit, and with what is only approximate."""

from serinus.core.analysis import newlines, sentences
from serinus.core.analysis.newlines import NewLines
from serinus.core.spec import prose
from serinus.core.spec.delivery import Compared, NewLinesCheck, Threshold

BYTES = "bytes"
SECONDS = "s"
UNITS = {"memory": BYTES, "cpu": SECONDS}
"""The unit of what a check of resources looks at."""

APPROXIMATE = "approximate"
UNHEARD = "nobody listens to the candidate's log"
UNKNOWN = "too little is known of what stable writes"
TOO_MANY = "stable writes too many kinds of lines to call one new"
YOUNG = "too little is known yet of how much it wanders by itself"

_STEP = 1024.0
_PREFIXES = ("B", "KiB", "MiB", "GiB", "TiB")
_THOUSAND = 1000.0


def figure(value: float, unit: str = "") -> str:
    """Write a number with three digits that count: ``812 MiB``, ``12.5 ms``, ``1,200``."""
    if unit == BYTES:
        return _bytes(value)
    if unit == SECONDS:
        return _seconds(value)
    return _plain(value)


def _plain(value: float) -> str:
    if abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _bytes(value: float) -> str:
    prefix = 0
    while abs(value) >= _STEP and prefix < len(_PREFIXES) - 1:
        value /= _STEP
        prefix += 1
    return f"{_plain(value)} {_PREFIXES[prefix]}"


def _seconds(value: float) -> str:
    if abs(value) >= 1.0:
        return f"{_plain(value)} s"
    if abs(value) >= 1 / _THOUSAND:
        return f"{_plain(value * _THOUSAND)} ms"
    return f"{_plain(value * _THOUSAND * _THOUSAND)} µs"


def compared(  # noqa: PLR0917  the columns of a sentence
    name: str, against: Compared, values: tuple[float, float, float], unit: str, count: int,
    evidence: float, *, known: bool,
) -> str:  # fmt: skip
    """Compare a number; ``values``: candidate's, stable's, limit; ``count``: looks compared."""
    own, stable, limit = (figure(value, unit) for value in values)
    allowed = f"allowed {'at most' if against.higher else 'at least'} {limit}"
    notes = [prose.several(count, "look")]
    if evidence > 1.0:
        notes[0] += f", evidence {sentences.odds(evidence)}"
    notes.append(APPROXIMATE if known else YOUNG)
    return f"{name} {own} against {stable} on stable, {allowed} ({'; '.join(notes)})"


def threshold(name: str, against: Threshold, value: float, unit: str, strikes: int) -> str:
    """Say a number, what it may be, and its strikes."""
    text = f"{name} {figure(value, unit)}, allowed {limits(against, unit)}"
    if not strikes:
        return text
    wanted = max(1, against.strikes)
    if strikes >= wanted:
        return f"{text} ({prose.several(strikes, 'look')} in a row)"
    return f"{text} ({prose.several(strikes, 'strike')} of {wanted})"


def limits(against: Threshold, unit: str = "") -> str:
    """Say what a number may be."""
    found = []
    if against.min is not None:
        found.append(f"at least {figure(against.min, unit)}")
    if against.max is not None:
        found.append(f"at most {figure(against.max, unit)}")
    return " and ".join(found) or "anything"


def margin(against: Compared, unit: str = "") -> str:
    """Say what a number may be beside stable's."""
    plus = figure(against.plus, unit)
    if against.higher:
        more = f" + {plus}" if against.plus else ""
        return f"at most {against.ratio:g} × stable's{more}"
    less = f" − {plus}" if against.plus else ""
    return f"at least stable's / {against.ratio:g}{less}"


def silent(name: str, trouble: str, strikes: int = 0) -> str:
    """Say why the last look had no number; earlier strikes stay."""
    text = f"{name}: {trouble}"
    return f"{text} ({prose.several(strikes, 'strike')} before stay)" if strikes else text


def new_lines(check: NewLinesCheck, memory: NewLines, evidence: float) -> str:
    """Say which kinds of lines are new, the most frequent one with its text."""
    found = newlines.new(memory, check.times)
    if not found:
        return f'no new kind of line matching "{sentences.short(check.pattern)}"'
    text, times = found[0]
    others = prose.several(len(found) - 1, "other new kind") if len(found) > 1 else ""
    rest = f", and {others}" if others else ""
    proof = f"evidence {sentences.odds(evidence)}; " if evidence > 1.0 else ""
    came = prose.several(times, "time")
    return (
        f'new on the candidate and never on stable: "{sentences.short(text)}" {came}{rest} '
        f"({proof}{APPROXIMATE})"
    )
