"""Replicas that take of the machine what they are told to, and what can be kept from them here."""

import sys
from pathlib import Path

import pytest

from serinus.adapters.local import cgroups
from serinus.core.state.workload import HealthProbe, Revision
from tests.adapters.local.world import revision

HUNGRY = Path(__file__).with_name("hungry.py")


def grouped(controller: str) -> bool:
    """Tell whether groups with a controller can be made here (without moving this process)."""
    found = cgroups.find(controller)
    return found is not None and (found.version == 1 or not cgroups.ready(controller, found))


_GROUPED = grouped(cgroups.MEMORY) and grouped(cgroups.CPU)
NEEDS_GROUPS = pytest.mark.skipif(not _GROUPED, reason="no control groups may be made here")


def hungry(*words: str, **resources: str) -> Revision:
    """Make a revision of the hungry program."""
    return revision(
        command=(sys.executable, "-S", str(HUNGRY), *words),
        health=HealthProbe(path=None, every_s=0.2),
        resources=resources,
    )
