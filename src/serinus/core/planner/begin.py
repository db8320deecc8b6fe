"""How a release begins: a change is seen, and nothing forbids it."""

from serinus.core.planner import barred, finish, replicas, scaling, steps, surge, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    FULL,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    Strategy,
    TrafficStep,
)
from serinus.core.state.notice import Kind
from serinus.core.state.observed import Wanted
from serinus.core.state.release import Phase, Progress, Release


def consider(turn: Turn) -> Turn | None:
    """Begin, supersede or scale, if the specs ask for something else than what is so."""
    wanted = turn.observed.wanted
    if wanted is None or turn.status.deleted:
        return None
    active = turn.active
    if active is None and turn.status.stable is None:
        adopted = _adopt(turn, wanted)
        if adopted is not None:
            return adopted
    if active is not None and active.progress.phase is not Phase.SETTLING:
        return _in_flight(turn, wanted, active)
    if wanted.revision.id == turn.status.stable:
        return _keep_up(turn, wanted)
    asked_before = (wanted.revision.id, wanted.delivery_hash) == turn.status.concluded
    if wanted.revision.id in turn.status.quarantine or asked_before:
        return _changed(turn, scaling.follow(turn, wanted.replicas, down=active is None))
    if active is not None and barred.bar(turn, wanted):
        return None  # the old replicas stay warm until the next release may begin
    if active is not None:
        why = f"a newer change came: {wanted.revision.version}"
        return finish.settled(turn, why, again=wanted.revision.id == turn.status.previous)
    return _begin(turn, wanted)


def _in_flight(turn: Turn, wanted: Wanted, active: Release) -> Turn | None:
    """Go over to a newer change, or follow the number of replicas as far as a release allows."""
    if wanted.revision.id != active.candidate:
        going_back = active.progress.phase is Phase.ROLLING_BACK
        return None if going_back else _supersede(turn, wanted)
    if active.progress.phase is Phase.QUEUED:
        return _changed(turn, scaling.follow(turn, wanted.replicas))
    return _changed(turn, scaling.rise(turn, wanted.replicas))


def _changed(before: Turn, after: Turn) -> Turn | None:
    return None if after is before else after


def _adopt(turn: Turn, wanted: Wanted) -> Turn | None:
    """
    Take what serves for stable when nothing is remembered of it, None when nobody serves.

    So it is after a damaged database was set aside: a change is compared with what runs, and is
    not taken for the first release of all.
    """
    route = turn.observed.route
    if route is None:
        return None
    main = max(route.backends, key=lambda b: (b.weight, len(b.endpoints)))
    names = {e.replica for e in main.endpoints}
    found = [r for r in turn.observed.replicas if r.revision == main.revision and r.name in names]
    if not found:
        return None
    known = main.revision == wanted.revision.id
    version = wanted.revision.version if known else main.revision[:10]
    turn = turn.status_with(
        stable=main.revision,
        stable_version=version,
        stable_ordinals=tuple(sorted(r.ordinal for r in found)),
        next_ordinal=1 + max(r.ordinal for r in turn.observed.replicas),
        host=route.host,
        timeout_s=route.timeout_s,
    )
    sentence = f"{version} was found serving with {words.several(len(found), 'replica')}: adopted."
    return turn.tell(Kind.RELEASE, "Adopted", sentence)


def _supersede(turn: Turn, wanted: Wanted) -> Turn:
    release = turn.release
    if wanted.revision.id == turn.status.stable:
        why = f"the spec asks for {release.stable_version or 'the stable version'} again"
    else:
        why = f"a newer change came: {wanted.revision.version}"
    sentence = f"{release.version} is superseded: {why}."
    changed = isinstance(turn.step, ReplaceStep | RecreateStep) and turn.status.stable is not None
    if (changed or surge.lacks(turn)) and turn.progress.phase is not Phase.QUEUED:
        return finish.roll_back(turn.with_(superseded=True), "Superseded", sentence)
    turn = finish.counted(turn)
    return turn.to(Phase.SUPERSEDED, "Superseded", sentence, Kind.RESULT, share=0)


def _keep_up(turn: Turn, wanted: Wanted) -> Turn | None:
    """Follow what is not part of a revision: label, host, timeout and number of replicas."""
    status = turn.status
    changed = turn
    if status.stable_version != wanted.revision.version:
        changed = changed.status_with(stable_version=wanted.revision.version)
    if (status.host, status.timeout_s) != (wanted.host, wanted.timeout_s):
        changed = changed.status_with(host=wanted.host, timeout_s=wanted.timeout_s)
    changed = scaling.follow(changed, wanted.replicas, down=turn.active is None)
    return _changed(turn, changed)


def _begin(turn: Turn, wanted: Wanted) -> Turn:
    status = turn.status
    number = status.releases + 1
    release = Release(
        application=status.key.application,
        environment=status.key.environment,
        number=number,
        candidate=wanted.revision.id,
        stable=status.stable,
        version=wanted.revision.version,
        stable_version=status.stable_version,
        delivery=wanted.delivery,
        delivery_hash=wanted.delivery_hash,
        replicas=_whole(turn, wanted),
        actor=wanted.actor,
        reason=wanted.reason,
        created_at=turn.now,
        progress=Progress(phase=_first_phase(turn, wanted), since=turn.now),
    )
    turn = turn.status_with(
        concluded=("", ""),
        release=release,
        releases=number,
        host=wanted.host,
        timeout_s=wanted.timeout_s,
        drain_s=wanted.delivery.drain_s,
        kept=None,
        kept_ordinals=(),
        kept_until=None,
    )
    bar = barred.bar(turn, wanted)
    if bar is None:
        return _start(turn)
    sentence = f"{wanted.revision.version} waits to begin: {bar.cause}."
    return turn.with_(sentence=sentence).tell(Kind.RELEASE, "Queued", sentence)


def _whole(turn: Turn, wanted: Wanted) -> int:
    """Return how many replicas serve everybody; where both share the room, stable's all count."""
    bounded = wanted.delivery.max_surge is not None
    return max(wanted.replicas, len(turn.status.stable_ordinals) if bounded else 0)


def _first_phase(turn: Turn, wanted: Wanted) -> Phase:
    return Phase.STARTING if barred.bar(turn, wanted) is None else Phase.QUEUED


def queued(turn: Turn) -> Turn | None:
    """Wait until nothing keeps the release from beginning, or a person begins it all the same."""
    bar = None if turn.progress.skip else _bar(turn)
    if bar is not None:
        return turn.waits(bar.cause, bar.until, "it begins; serinus next -m REASON begins it now")
    wanted = turn.observed.wanted
    if wanted is not None and wanted.revision.id == turn.release.candidate:
        # Its plan is frozen when it begins, and it begins now.
        turn = turn.release_with(
            delivery=wanted.delivery,
            delivery_hash=wanted.delivery_hash,
            replicas=_whole(turn, wanted),
        )
    by = f" ({turn.progress.overrode})" if turn.progress.skip else ""
    told = f"{turn.release.version} begins{by}."
    turn = turn.to(Phase.STARTING, "Unbarred", told, Kind.RELEASE, skip=False)
    return _start(turn)


def _bar(turn: Turn) -> barred.Bar | None:
    """Return what bars the release; a spec that nobody can read may hide a freeze."""
    wanted = turn.observed.wanted
    if wanted is not None:
        return barred.bar(turn, wanted)
    return barred.Bar(turn.observed.problem or "no spec asks for it any more")


def _start(turn: Turn) -> Turn:
    """Start the first replicas of the release."""
    turn, reused = _from_previous(turn)
    turn, ordinals = turn.fresh(surge.room(turn, max(0, _first(turn) - len(reused))))
    ordinals = reused + ordinals
    sentence = _starting(turn, len(ordinals))
    share = 0 if turn.release.stable else FULL
    turn = turn.with_(ordinals=ordinals, share=share, sentence=sentence, pending_since=turn.now)
    return turn.tell(Kind.RELEASE, "Started", sentence)


def _from_previous(turn: Turn) -> tuple[Turn, tuple[int, ...]]:
    """Take over the replicas of the revision before, where it is that one that comes again."""
    status = turn.status
    reused = status.previous_ordinals if status.previous == turn.release.candidate else ()
    cleared = {"previous": None, "previous_ordinals": (), "previous_until": None}
    return turn.status_with(**cleared), reused


def _first(turn: Turn) -> int:
    """Return how many of the candidate's replicas to start with."""
    release = turn.release
    if release.stable is None:
        return release.replicas
    match release.delivery.steps[0]:
        case TrafficStep(share=share) | MirrorStep(share=share):
            return replicas.needed(share, release.replicas)
        case MatchStep(share=share):
            return replicas.needed(share or FULL, release.replicas)
        case PreviewStep(replicas=part):
            return max(1, replicas.part(part, release.replicas))
        case ReplaceStep(max_surge=surge, max_unavailable=down):
            most = max(replicas.part(surge, release.replicas), 0 if down else 1)
            return min(most, release.replicas)
        case RecreateStep():
            return 0
        case _:
            return release.replicas


def _starting(turn: Turn, number: int) -> str:
    release = turn.release
    what = words.several(number, "replica")
    if release.stable is None:
        return (
            f"First release of {release.application}: starting {what} of {release.version}. "
            "There is nothing to compare it with."
        )
    if release.delivery.strategy is Strategy.RECREATE:
        return (
            f"Replacing {release.stable_version} by {release.version}: "
            "nobody serves between the end of the one and the start of the other."
        )
    if not number:
        return f"Replacing {release.stable_version} by {release.version}, place by place."
    return (
        f"Starting {what} of {release.version} next to {release.stable_version}; "
        f"no traffic until {'they are' if number > 1 else 'it is'} ready and warm "
        f"({words.seconds(release.delivery.warmup_s)})."
    )


def starting(turn: Turn) -> Turn | None:
    """Wait for the candidate's first replicas; the first release of all goes on by itself."""
    failed = finish.liveness(turn)
    if failed is not None:
        return failed
    first = turn.release.stable is None
    then = "it serves everybody" if first else "the first step begins"
    short = waits.capacity(turn, then, "it fails to start")
    if short is not None:
        return short
    if not first and turn.progress.paused:
        return waits.resumed(turn)
    if not first:
        return steps.enter(turn.with_(pending_since=None), 0)
    return finish.first(turn) if turn.weight() else waits.following(turn, then)
