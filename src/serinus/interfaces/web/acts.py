"""
What a person can do to a release now, and what comes of it: said before it is asked.

Which verbs make sense is the program's to know (:mod:`serinus.app.commands`); here each has its
word, its key, and its consequences in sentences.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from serinus.app.progress import StepView
from serinus.app.shown import View
from serinus.core.spec import prose
from serinus.core.spec.delivery import SettleStep
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Release
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that can be done.

    ``letter`` opens its dialog. ``reason``: whether one has to be given. ``urgent``: the dialog
    starts on the verb instead of the way out, so that two keys are enough. ``lacks``: what the
    person has not got for it, empty when they may.
    """

    verb: Verb
    word: str
    letter: str
    tone: str
    reason: bool
    urgent: bool
    consequences: tuple[str, ...]
    lacks: str


class _Look(msgspec.Struct, frozen=True):
    word: str
    letter: str = ""
    tone: str = ""


_LOOKS: Mapping[Verb, _Look] = {
    Verb.APPROVE: _Look("Approve", "a", "primary"),
    Verb.REJECT: _Look("Reject", "", "danger"),
    Verb.PAUSE: _Look("Pause", "p"),
    Verb.RESUME: _Look("Resume", "p", "primary"),
    Verb.NEXT: _Look("Next step", "n"),
    Verb.PROMOTE: _Look("Promote now", "P"),
    Verb.RETRY: _Look("Retry", "r"),
    Verb.ROLLBACK: _Look("Roll back", "x", "danger"),
}
"""In the order of the buttons: what takes traffic away stands last, where a hand finds it."""

WORDS: Mapping[Verb, str] = {verb: look.word for verb, look in _LOOKS.items()}
"""What stands on the button of each verb."""


def offered(view: View, release: Release, person: Person | None) -> tuple[Act, ...]:
    """Return what can be done to a release now."""
    key = Key(view.application, view.environment)
    wanted = dict(_wanted(view.next))
    wanted.pop(Verb.ROLLBACK, None)
    if view.in_flight and view.stable is not None and view.state != Phase.ROLLING_BACK:
        wanted[Verb.ROLLBACK] = False  # where there is a way back, it is open in every state
    return tuple(
        Act(
            verb=verb,
            word=look.word,
            letter=look.letter,
            tone=look.tone,
            reason=wanted[verb],
            urgent=verb is Verb.ROLLBACK,
            consequences=tuple(_SAID[verb](view, release)),
            lacks="nobody is known here" if person is None else people.lacks(person, verb, key),
        )
        for verb, look in _LOOKS.items()
        if verb in wanted
    )


def _wanted(sensible: Sequence[Command]) -> Iterator[tuple[Verb, bool]]:
    """Yield the verbs that make sense now, and whether each needs a reason."""
    for command in sensible:
        if command.verb in set(Verb):
            yield Verb(command.verb), "-m" in command.rest


# --- what comes of it -----------------------------------------------------------------------------


def _pause(view: View, release: Release) -> Iterator[str]:
    del release
    yield f"{view.version} keeps its {_share(view.share)} until somebody resumes."
    yield "The checks go on guarding: an alarm takes the traffic away all the same."


def _resume(view: View, release: Release) -> Iterator[str]:
    del release
    step = _current(view)
    left = None if step is None else max(0.0, step.needed - (step.seconds or 0.0))
    yield (
        "The release goes on where it was paused."
        if not left
        else f"The clock of step {view.step} runs again, with {prose.seconds(left)} left of it."
    )


def _next(view: View, release: Release) -> Iterator[str]:
    del release
    if view.gate in {"window", "webhook"} or view.state == "Queued":
        yield "What it waits for is gone past, on your word. It is kept with your reason."
        return
    coming = next((step for step in view.steps if step.state == "to come"), None)
    yield (
        f"What is left of step {view.step} is skipped."
        if coming is None
        else f"What is left of step {view.step} is skipped, and step {coming.number} begins:"
        f" {coming.title}."
    )
    if coming is not None and coming.gates:
        yield f"Before it, it still waits for {prose_list(coming.gates)}."


def _promote(view: View, release: Release) -> Iterator[str]:
    yield f"All of the traffic goes to {view.version} now."
    left = [
        step
        for step, planned in zip(view.steps, release.delivery.steps, strict=False)
        if step.state in {"current", "to come"} and not isinstance(planned, SettleStep)
    ]
    if left:
        yield f"Skipped: {prose_list([step.title for step in left])}."
    gates = [gate for step in left if step.state == "to come" for gate in step.gates]
    if gates:
        yield f"Gates that are gone past: {prose_list(gates)}."
    yield "No check that is still undecided holds it back. Your reason is kept with your name."


def _rollback(view: View, release: Release) -> Iterator[str]:
    yield f"100 % of the traffic goes back to {view.stable_version}, within seconds."
    kept = release.delivery.keep_candidate_s
    if kept:
        yield f"Replicas of {view.version} are kept for {prose.seconds(kept)}, for a look at them."
    if release.delivery.quarantine:
        yield "This very change is not tried again by itself; Retry does that."


def _retry(view: View, release: Release) -> Iterator[str]:
    del release
    if view.in_flight:
        yield f"{view.version} gets fresh replicas, and is tried with a little traffic again."
    else:
        yield f"A new release of {view.version} begins, from its first step."


def _approve(view: View, release: Release) -> Iterator[str]:
    del release
    step = next((step for step in view.steps if step.number == view.step), None)
    yield "The gate that it waits at counts your name."
    if step is not None:
        yield f"Once it is open, step {step.number} begins: {step.title}."


def _reject(view: View, release: Release) -> Iterator[str]:
    yield f"{view.version} is refused at this gate."
    yield from _rollback(view, release)


_SAID: Mapping[Verb, Callable[[View, Release], Iterator[str]]] = {
    Verb.APPROVE: _approve,
    Verb.REJECT: _reject,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.NEXT: _next,
    Verb.PROMOTE: _promote,
    Verb.RETRY: _retry,
    Verb.ROLLBACK: _rollback,
}


def prose_list(items: Sequence[str]) -> str:
    """Write a list as a sentence has it: ``a, b and c``."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def _current(view: View) -> StepView | None:
    return next((step for step in view.steps if step.state == "current"), None)


def _share(fraction: float) -> str:
    return f"{round(fraction * 100, 1):g} %"
