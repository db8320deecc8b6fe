"""
Events → messages: which events people are told away from the terminal, and in what words.

The sentence is the event's own. Around it stand the numbers and the commands that make sense now,
so that whoever is woken up needs not look for either.
"""

from collections.abc import Mapping, Sequence

from serinus.core.spec import prose
from serinus.core.spec.topics import Topic
from serinus.core.state.command import Command
from serinus.core.state.notice import Event, Kind
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading
from serinus.ports.notifier import Message

_BEGINNINGS: tuple[tuple[str, Topic], ...] = (
    ("Taken back to", Topic.RETREAT),
    ("The trial failed", Topic.RETREAT),
    ("Held at", Topic.HOLD),
    ("Holding at", Topic.HOLD),
    ("Rolled back", Topic.ROLLBACK),
    ("Switched back", Topic.ROLLBACK),
    ("Rejected by", Topic.ROLLBACK),
)
"""Sentences of the core begin with the state that they tell."""

_REASONS: Mapping[str, Topic] = {
    "ApprovalNeeded": Topic.APPROVAL,
    "Succeeded": Topic.SUCCESS,
    "Concluded": Topic.SUCCESS,
}
_FAILED = " failed to start"
_TITLES: Mapping[Topic, str] = {
    Topic.RETREAT: "taken back",
    Topic.HOLD: "held, a person is needed",
    Topic.ROLLBACK: "rolled back",
    Topic.FAILURE: "failed to start",
    Topic.SUCCESS: "succeeded",
    Topic.APPROVAL: "waits for an approval",
}
_SEVERITIES: Mapping[Topic, str] = {
    Topic.RETREAT: "warning",
    Topic.HOLD: "warning",
    Topic.ROLLBACK: "failure",
    Topic.FAILURE: "failure",
    Topic.SUCCESS: "success",
    Topic.APPROVAL: "info",
}
_COMMANDS = 3


def topic(event: Event) -> Topic | None:
    """Return what an event is about, None for one that only those who watch need to see."""
    if event.kind is Kind.INTENT:
        return None  # who asked knows; what follows from it has events of its own
    for beginning, found in _BEGINNINGS:
        if event.sentence.startswith(beginning):
            return found
    if event.kind is Kind.RESULT and _FAILED in event.sentence:
        return Topic.FAILURE
    return _REASONS.get(event.reason)


def message(
    event: Event,
    release: Release | None,
    reading: Reading | None,
    commands: Sequence[Command] = (),
    place: str = "",
) -> Message | None:
    """
    Return what people get for an event, None for one that is not told.

    ``release`` and ``reading`` are as they are now, which may be later than the event; ``commands``
    are those that make sense now, the likeliest first, typed with the options of ``place``.
    """
    about = topic(event)
    if about is None:
        return None
    lines = [event.sentence]
    if release is not None:
        lines += [_numbers(release, reading), _since(event, release)]
    lines += [f"> {command.text(place)}" for command in commands[:_COMMANDS]]
    title = f"{_subject(event, release)}: {_TITLES[about]}"
    return Message(title, "\n".join(line for line in lines if line), _SEVERITIES[about])


def more(event: Event, count: int, place: str = "") -> Message:
    """Return what stands for so many messages that would have been too many; the last is given."""
    noun = prose.several(count, "message")
    body = f"And {noun} more about {event.application}; the last one: {event.sentence}"
    command = f"> {Command('explain', event.application).text(place)}"
    return Message(f"{event.application}: and {count} more", f"{body}\n{command}", "warning")


def trial(application: str = "serinus") -> Message:
    """Return the message that shows whether a place is reached."""
    return Message(
        f"{application}: a test",
        "This is a test: notifications of Serinus reach this place.\n> serinus status",
    )


def _subject(event: Event, release: Release | None) -> str:
    if release is None:
        return f"{event.application} ({event.environment})"
    versions = " → ".join(v for v in (release.stable_version, release.version) if v)
    return f"{event.application} {versions} ({event.environment} #{release.number})"


def _numbers(release: Release, reading: Reading | None) -> str:
    """Say how many requests met the new version, and the share that it had at most."""
    state = release.progress
    if not state.exposed and not state.max_share:
        return f"No request met {release.version}."
    going = reading is not None and release.ended_at is None
    exposed = reading.requests if reading is not None and going else state.exposed
    bad = reading.bad if reading is not None and going else state.bad
    met = f"{prose.several(exposed, 'request')} met {release.version}"
    return f"{met}, {bad:,} of them bad; it had {state.max_share / 10:g} % at most."


def _since(event: Event, release: Release) -> str:
    """Tell how it is now, if that is another sentence."""
    now = release.progress.sentence
    return f"Since then: {now}" if now and now != event.sentence else ""
