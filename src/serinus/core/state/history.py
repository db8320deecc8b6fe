"""How one release follows another in the history."""

from msgspec.structs import replace

from serinus.core.state.release import Phase, Release, Wait


def overtaken(before: Release | None, after: Release | None) -> Release | None:
    """
    Return the end of a release that another one replaced before it had ended, else None.

    One decision may end a release and begin the next: only the next one is in the status then, and
    the history must not show the other as if it were still in flight.
    """
    if before is None or after is None or before.ended_at is not None:
        return None
    if before.number >= after.number:
        return None
    sentence = f"{before.version} is superseded: a newer change came: {after.version}."
    progress = replace(
        before.progress,
        phase=Phase.SUPERSEDED,
        since=after.created_at,
        share=0,
        wait=Wait(),
        sentence=sentence,
    )
    return replace(before, progress=progress, ended_at=after.created_at)
