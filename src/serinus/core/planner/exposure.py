"""Exposure: how many requests of real users a release has had, and how many of them were bad."""

from serinus.core.spec.delivery import MirrorStep
from serinus.core.state.release import Release
from serinus.core.state.verdict import Reading


def of(release: Release, reading: Reading | None) -> tuple[int, int]:
    """
    Return (requests, bad ones) that users have met so far.

    Nobody meets the answers to copies: what a mirror counted is left out.
    """
    progress, steps = release.progress, release.delivery.steps
    if reading is None:
        return progress.exposed, progress.bad
    copied = isinstance(steps[min(progress.step, len(steps) - 1)], MirrorStep)
    if copied and not (progress.share or progress.max_share):
        return 0, 0
    copies, failed = progress.copies
    return max(0, reading.requests - copies), max(0, reading.bad - failed)
