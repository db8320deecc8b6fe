"""``replay``: recorded traffic through any policy, by the judge and the planner that decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
from cyclopts import Parameter

from serinus.boot import home, sources
from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.core.spec import duration
from serinus.core.spec.delivery import Delivery
from serinus.core.state.notice import Key
from serinus.interfaces import words
from serinus.interfaces.cli import replays
from serinus.interfaces.cli.options import Environment, Output, Place, parameters
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.lab import archive, recording, scrapes, subject
from serinus.lab import replay as lab
from serinus.lab.recording import Recording
from serinus.lab.replayed import Replayed
from serinus.lab.scrapes import Ask, Found
from serinus.lab.subject import Choice

HINT = "serinus replay --help"
CANNOT = "this range of Prometheus history cannot be read"


@Parameter(name="*")
@dataclass(frozen=True)
class Policy:
    """The policy to try: what was recorded, or another one."""

    template: Annotated[str | None, Parameter(help="A template: its name, or its file.")] = None
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="An application's file, not in use yet.")
    ] = None
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="A parameter of the delivery: bake=1m."),
    ] = None

    @property
    def other(self) -> bool:
        """Tell whether another policy than the recorded one is wanted."""
        return bool(self.template or self.file or self.set_)

    def choice(self, application: str, environment: str) -> Choice:
        """Return the policy as a choice; parameters alone are of the application as it is now."""
        if self.template and self.file:
            raise Trouble(
                "a template and a file are two policies; wanted one",
                hint="serinus replay shop 7 --template canary-careful",
                code=Code.USAGE,
            )
        alone = self.template is None and self.file is None
        return Choice(
            application=application if alone else "",
            template=self.template or "",
            file=self.file,
            parameters=parameters(self.set_ or []),
            environment=environment,
        )


@Parameter(name="*")
@dataclass(frozen=True)
class Prometheus:
    """A range of Prometheus history, in place of a recorded release."""

    prometheus: str = ""
    """Its address, or the name of an environment whose metric source it is."""
    requests: str = ""
    """Counter of all requests: http_requests_total{app="shop"}."""
    errors: str = ""
    """Counter of failed requests: http_requests_total{app="shop",code=~"5.."}."""
    start: str = ""
    """From when: 2026-03-02T12:00 (UTC), or how long ago: 2h."""
    end: str = ""
    """Until when, written the same way. Default: now."""
    candidate: str = ""
    """Whose the candidate's series are: LABEL=VALUE, such as version=v2."""
    stable: str = ""
    """Whose stable's are. Default: all that are not the candidate's."""
    pod: str = ""
    """The label that tells pods apart. Default: pod, replica or instance."""
    step: str = "15s"
    """Length of a tick; no shorter than the interval at which Prometheus scrapes."""


def replay(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    number: Annotated[int | None, Parameter(help="Which release. Default: the last one.")] = None,
    /,
    *,
    recording: Annotated[Path | None, Parameter(help="A file that --save wrote.")] = None,
    past: Prometheus = Prometheus(),
    policy: Policy = Policy(),
    save: Annotated[
        Path | None, Parameter(help="Write the recording into a new file; nothing is replayed.")
    ] = None,
    seed: Annotated[int, Parameter(help="Of the requests that another split leaves out.")] = 1,
    env: Environment = "local",
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Play recorded traffic through a policy: would it have caught it, when, at what exposure?

    The traffic is that of a release, of a file, or of a Prometheus. The policy is the recorded one,
    or any other. What another policy would have made of the traffic itself is assumed, and said.
    """
    settings, screen = place.settings(), Screen(output)
    given = [bool(app), recording is not None, bool(past.prometheus)]
    if sum(given) != 1:
        raise Trouble(
            "replay needs one of an application, --recording and --prometheus",
            why=f"{sum(given)} of them were given",
            hint="serinus replay shop 7   or serinus replay --recording shop-7.rec",
            code=Code.USAGE,
        )
    found = _found(settings, Key(app or "", env), number, recording, past)
    if save is not None:
        return _save(found.recording, save, screen)
    delivery, assumed = _policy(settings, found.recording, policy, env)
    played = _played(delivery, found.recording, seed)
    played = msgspec.structs.replace(played, assumed=(*played.assumed, *assumed, *found.odd))
    if not screen.answered(played, lambda: [played.outcome.value]):
        screen.lines(replays.lines(played))
    return Code.OK


def _found(
    settings: Settings, key: Key, number: int | None, file: Path | None, past: Prometheus
) -> Found:
    if file is not None:
        return Found(loaded(file), ())
    if past.prometheus:
        return anyio.run(_range, settings, past)
    return Found(anyio.run(_release, settings, key, number), ())


def loaded(file: Path) -> Recording:
    """Read a recording; what is wrong with it is told by line."""
    try:
        return recording.load(file)
    except SpecError as wrong:
        raise Trouble(
            "this recording cannot be read",
            why=str(wrong),
            hint="serinus replay APP NUMBER --save FILE   (writes a new one)",
        ) from wrong


async def _release(settings: Settings, key: Key, number: int | None) -> Recording:
    async with home.store(settings) as store:
        return await archive.release(store, key, number)


def _played(delivery: Delivery, found: Recording, seed: int) -> Replayed:
    try:
        return lab.play(delivery, found, seed=seed)
    except SpecError as wrong:
        raise _unplayable(wrong) from wrong


def _unplayable(wrong: SpecError) -> Trouble:
    return Trouble(
        "this cannot be replayed",
        why=str(wrong),
        hint="serinus replay … --template canary-standard   (serinus template ls lists more)",
    )


def _save(found: Recording, path: Path, screen: Screen) -> int:
    size = recording.save(found, path)
    ticks = words.count(len(found.ticks), "tick")
    before = words.count(len(found.history), "tick")
    screen.say(f"{found.about.name}: {ticks}, and {before} from before it, in {path} ({size:,} B).")
    return Code.OK


def _policy(
    settings: Settings, found: Recording, policy: Policy, env: str
) -> tuple[Delivery, Sequence[str]]:
    """Return the policy, and what is assumed of it."""
    if not policy.other:
        try:
            return lab.own(found), ()
        except SpecError as wrong:
            raise _unplayable(wrong) from wrong
    chosen = subject.find(policy.choice(found.about.application, env), settings)
    return chosen.delivery, chosen.assumed


# --- Prometheus ----------------------------------------------------------------------------------


async def _range(settings: Settings, past: Prometheus) -> Found:
    ask = _ask(past)
    source = (
        sources.at(past.prometheus)
        if "://" in past.prometheus
        else home.metrics(settings).source(past.prometheus, "prometheus")
    )
    try:
        return await scrapes.fetch(source, ask)
    except SpecError as wrong:
        raise Trouble(CANNOT, why=str(wrong), hint=HINT) from wrong


def _ask(past: Prometheus) -> Ask:
    """Read what was asked for. Raises Trouble with all that is wrong."""
    wrong: list[str] = []
    now = home.clock().now()
    ask = Ask(
        requests=past.requests,
        errors=past.errors,
        start=_instant("--start", past.start, now, wrong),
        end=now.timestamp() if not past.end else _instant("--end", past.end, now, wrong),
        candidate=_label("--candidate", past.candidate, wrong),
        stable=_label("--stable", past.stable, wrong) if past.stable else None,
        step_s=_length("--step", past.step, wrong),
        pod=past.pod,
    )
    wrong += [
        f"--{name}: nothing; wanted a counter, such as http_requests_total"
        for name, query in (("requests", past.requests), ("errors", past.errors))
        if not query
    ]
    if wrong:
        raise Trouble(
            CANNOT,
            why="\n".join(wrong),
            hint=HINT,
            code=Code.USAGE,
        )
    return ask


def _instant(option: str, text: str, now: datetime, wrong: list[str]) -> float:
    """Read an instant, or how long ago it was."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    try:
        return (now - duration.parse(text)).timestamp()
    except ValueError:
        found = repr(text) if text else "nothing"
        wrong.append(f"{option}: {found}; wanted such as 2026-03-02T12:00 (UTC), or 2h for 2h ago")
        return 0.0


def _length(option: str, text: str, wrong: list[str]) -> float:
    try:
        return duration.seconds(text)
    except ValueError as problem:
        wrong.append(f"{option}: {problem}")
        return 15.0


def _label(option: str, text: str, wrong: list[str]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        found = repr(text) if text else "nothing"
        wrong.append(f"{option}: {found}; wanted LABEL=VALUE, such as version=v2")
    return name, value
