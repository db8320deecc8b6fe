"""
Faults as people write them: what goes wrong in a simulation, from when on, and for how long.

::

    errors=5%@20%            5 % of the candidate's requests fail, from its step at 20 % on
    latency=2x@15m           it takes twice as long, from the 15th minute of the release on
    leak=10%+20m             its errors grow to 10 % within 20 minutes of a replica's age
    outage=shared@10m+2m     both versions fail every request for two minutes
    hiccup=40%+45s/20m       each replica, at random, once in 20 minutes, for 45 seconds

One form holds for all of them: ``KIND=VALUE @START +LENGTH /EVERY``, without the spaces. ``KINDS``
is the closed list; a kind says which parts it needs and which it knows. A start is a share of the
traffic (``@20%``: once the candidate had it; ``@while=20%``: only while it has it), a time of the
release (``@15m``) or the age of a replica (``@age=15m``).
"""

import enum
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from serinus.core.errors import Problem, SpecError
from serinus.core.spec import checker, duration, percent

TICK_S = 5.0
"""How often a simulation looks: what lasts less would be missed."""

_FORM = re.compile(
    r"(?P<kind>[^=@+/]*)(?:=(?P<value>[^@+/]*))?(?:@(?P<start>[^+/]*))?"
    r"(?:\+(?P<length>[^/+@]*))?(?:/(?P<every>[^/+@]*))?"
)
_FACTOR = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)x")
_WHOLE = "KIND=VALUE@START+LENGTH/EVERY"


class From(enum.StrEnum):
    """What a start is measured by."""

    SHARE = "share"
    WHILE = "while"
    TIME = "time"
    AGE = "age"


class Start(msgspec.Struct, frozen=True):
    """From when on: a share of the traffic (a fraction), or seconds."""

    by: From
    at: float


class Fault(msgspec.Struct, frozen=True):
    """
    One fault. Shares are fractions, times are seconds.

    ``text``: as it was written. ``factor``: so many times what is usual; ``share``: of the
    requests; ``more_s``: so much longer; exactly one of them is given where a kind wants one.
    ``whom``: whom an outage hits. ``start`` None: from the beginning, or for a kind that comes at
    random moments, at random. ``length_s`` 0: until the end; ``every_s`` 0: once.
    """

    text: str
    kind: str
    share: float = 0.0
    factor: float = 0.0
    more_s: float = 0.0
    whom: str = ""
    start: Start | None = None
    length_s: float = 0.0
    every_s: float = 0.0

    @property
    def random(self) -> bool:
        """Tell whether it comes at random moments."""
        return self.kind == "hiccup" or (self.kind == "burst" and self.start is None)


class Kind(msgspec.Struct, frozen=True):
    """
    One kind of fault: what its value may be, and which parts it needs and knows.

    ``values``: ``share``, ``factor``, ``time``, or the words of a closed list. ``about``: with
    ``{value}``, what it says of a fault for people.
    """

    about: str
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    knows: tuple[str, ...] = ("start", "length", "every")
    example: str = ""


KINDS: Mapping[str, Kind] = {
    "errors": Kind(
        "{value} of the candidate's requests fail", ("share", "factor"), example="errors=5%@20%"
    ),
    "hang": Kind("{value} of the candidate's requests are never answered", ("share",)),
    "latency": Kind(
        "the candidate's requests take {value}",
        ("factor", "time", "share"),
        example="latency=2x@15m",
    ),
    "leak": Kind(
        "the candidate's errors grow to {value}",
        ("share",),
        needs=("length",),
        knows=("start",),
        example="leak=10%+20m",
    ),
    "one-bad-pod": Kind(
        "the candidate's first replica fails {value} of its requests",
        ("share",),
        example="one-bad-pod=30%",
    ),
    "outage": Kind(
        "every request to {value} fails",
        words=("shared", "candidate", "stable"),
        example="outage=shared@10m+2m",
    ),
    "crash": Kind("the candidate's processes end", example="crash@10m"),
    "unhealthy": Kind("the candidate's replicas fail their health check", example="unhealthy@10m"),
    "warmup": Kind(
        "each new replica, of either version, fails {value} of its first requests",
        ("share",),
        needs=("length",),
        knows=(),
        example="warmup=50%+30s",
    ),
    "burst": Kind(
        "{value} of all requests fail, to either version",
        ("share",),
        needs=("length",),
        example="burst=20%+30s/10m",
    ),
    "hiccup": Kind(
        "each replica by itself, of either version, fails {value} of its requests",
        ("share",),
        needs=("length", "every"),
        knows=(),
        example="hiccup=40%+45s/20m",
    ),
}
"""All kinds, by their names."""


def parse(texts: Sequence[str], place: Callable[[int], str]) -> tuple[Fault, ...]:
    """
    Read faults; ``place`` says where a text was written, by its index.

    Raises SpecError with all that is wrong with all of them.
    """
    found, problems = [], []
    for index, text in enumerate(texts):
        fault, wrong = _one(text)
        problems += [Problem(place(index), said) for said in wrong]
        found.append(fault)
    if problems:
        raise SpecError(tuple(problems))
    return tuple(found)


def sentence(fault: Fault) -> str:
    """Say for people what a fault does, and when."""
    kind = KINDS[fault.kind]
    return f"{kind.about.format(value=_shown(fault))}{_when(fault)}"


# --- reading -------------------------------------------------------------------------------------


def _one(text: str) -> tuple[Fault, list[str]]:
    """Return a fault, and what is wrong with its text."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return Fault(text, ""), [f"'{text}' is not of the form {_WHOLE}"]
    parts = match.groupdict()
    kind = KINDS.get(parts["kind"])
    if kind is None:
        said = checker.unknown(parts["kind"], list(KINDS), "kind of fault")
        return Fault(text, ""), [said]
    wrong = list(_unfit(parts["kind"], kind, parts))
    fault, more = _valued(Fault(text.strip(), parts["kind"]), kind, parts["value"])
    wrong += more
    start, more = _started(parts["start"])
    wrong += more
    length, more = _long(parts["length"], "length")
    wrong += more
    every, more = _long(parts["every"], "period")
    wrong += more
    if length and every and every <= length:
        wrong.append(f"'{text}': it lasts {parts['length']} and comes again every {parts['every']}")
    fault = msgspec.structs.replace(fault, start=start, length_s=length, every_s=every)
    if fault.kind == "burst" and fault.start is None and not fault.every_s:
        wrong.append(f"'{text}': when? wanted @START, or /EVERY for random moments")
    return fault, wrong


def _unfit(name: str, kind: Kind, parts: Mapping[str, str | None]) -> Iterator[str]:
    """Say which parts a kind misses, and which it does not know."""
    signs = {"start": "@START", "length": "+LENGTH", "every": "/EVERY"}
    hint = f"; for example {kind.example}" if kind.example else ""
    for part, sign in signs.items():
        given = parts[part] is not None
        if part in kind.needs and not given:
            yield f"{name} needs {sign}{hint}"
        elif given and part not in (*kind.needs, *kind.knows):
            yield f"{name} knows no {sign}{hint}"
    if parts["every"] is not None and parts["length"] is None and "length" not in kind.needs:
        yield f"{name} with /EVERY needs +LENGTH"
    wants = bool(kind.values or kind.words)
    if wants and not parts["value"]:
        yield f"{name} needs a value: {_wanted(kind)}{hint}"
    elif not wants and parts["value"] is not None:
        yield f"{name} has no value{hint}"


def _wanted(kind: Kind) -> str:
    forms = {"share": "a share such as 5%", "factor": "a factor such as 3x", "time": "200ms"}
    return " or ".join([forms[one] for one in kind.values] or kind.words)


def _valued(fault: Fault, kind: Kind, text: str | None) -> tuple[Fault, list[str]]:
    """Return the fault with its value."""
    if not text or not (kind.values or kind.words):
        return fault, []
    if kind.words:
        if text in kind.words:
            return msgspec.structs.replace(fault, whom=text), []
        return fault, [f"{fault.kind}: {checker.unknown(text, kind.words, 'word')}"]
    factor = _FACTOR.fullmatch(text)
    if factor is not None and "factor" in kind.values:
        return msgspec.structs.replace(fault, factor=float(factor.group(1))), []
    if text.endswith("%"):
        share, wrong = _share(text, fault.kind)
        return msgspec.structs.replace(fault, share=share), wrong
    if "time" in kind.values and text.endswith("s"):
        more, wrong = _long(text, "value", least=0.0)
        return msgspec.structs.replace(fault, more_s=more), wrong
    return fault, [f"{fault.kind}: '{text}' is no value; wanted {_wanted(kind)}"]


def _share(text: str, name: str) -> tuple[float, list[str]]:
    try:
        share = float(percent.parse(text))
    except ValueError as problem:
        return 0.0, [f"{name}: {problem}"]
    if not 0 < share <= 1:
        return 0.0, [f"{name}: {text} is not above 0% and at most 100%"]
    return share, []


def _started(text: str | None) -> tuple[Start | None, list[str]]:
    """Return when a fault begins."""
    if text is None:
        return None, []
    word, equals, rest = text.partition("=")
    if equals and word == "age":
        at, wrong = _long(rest, "age", least=0.0)
        return Start(From.AGE, at), wrong
    if equals and word == "while":
        share, wrong = _share(rest, "@while")
        return Start(From.WHILE, share), wrong
    if text.endswith("%"):
        share, wrong = _share(text, "@")
        return Start(From.SHARE, share), wrong
    try:
        return Start(From.TIME, duration.seconds(text)), []
    except ValueError:
        known = "a share (@20%, @while=20%), a time (@15m) or an age (@age=15m)"
        return None, [f"'@{text}' is no start; wanted {known}"]


def _long(text: str | None, what: str, least: float = TICK_S) -> tuple[float, list[str]]:
    """Return seconds; 0 where nothing is said."""
    if text is None:
        return 0.0, []
    try:
        found = duration.seconds(text)
    except ValueError as problem:
        return 0.0, [f"{what}: {problem}"]
    if found < least:
        return found, [f"{what}: {text} is less than the {least:g}s between two looks"]
    return found, []


# --- telling -------------------------------------------------------------------------------------


def _shown(fault: Fault) -> str:
    if fault.whom:
        return {"shared": "both versions"}.get(fault.whom, f"the {fault.whom} version")
    if fault.kind == "latency":
        return _slower(fault)
    return f"{fault.factor:g} times as many" if fault.factor else f"{fault.share * 100:g} %"


def _slower(fault: Fault) -> str:
    if fault.factor:
        return f"{fault.factor:g} times as long"
    if fault.more_s:
        return f"{round(fault.more_s * 1000)} ms longer"
    return f"longer than every bound, {fault.share * 100:g} % of them"


def _when(fault: Fault) -> str:
    """Say when: ``, from its step at 20 % on, for 2m, again every 10m``."""
    said = ""
    if fault.start is not None:
        at = fault.start.at
        clock = duration.of_seconds(at)
        said = {
            From.SHARE: f", from its step at {at * 100:g} % on",
            From.WHILE: f", while it has {at * 100:g} % or more",
            From.TIME: f", from {clock} on",
            From.AGE: f", from a replica's age of {clock} on",
        }[fault.start.by]
    if fault.length_s:
        word = "within" if fault.kind == "leak" else "for"
        aged = " of a replica's age" if fault.kind == "leak" and fault.start is None else ""
        said += f", {word} {duration.of_seconds(fault.length_s)}{aged}"
    if fault.every_s:
        every = duration.of_seconds(fault.every_s)
        said += f", once in {every} at random" if fault.random else f", again every {every}"
    return said
