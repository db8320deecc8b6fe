"""
Names, and what this router notes on its own resources.

A name has no dots and no colons, which would break the names of counters. What Envoy's own words
cannot hold (the full id of a revision, say) stands in the metadata below ``serinus.dev``.
"""

from collections.abc import Mapping
from typing import Any

from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref

KIND = "envoy"
OWNER = "serinus.dev"
TYPES = "type.googleapis.com/envoy."
USER_HEADER = "x-serinus-user"
"""Drawn by Envoy for each request before it is routed, and taken away before it is sent on."""

USER_FILTER = "user"
"""The filter that notes who a request is from, as far as its route asks for that."""

USER = "user"
VISIT = "visit"

_SEPARATOR = "~"  # allowed in file names and in names of counters, never in those of applications
_DIGITS = 20
_MIRROR = "mirror"


def ref(key: Key) -> Ref:
    """Return the name of the application's document."""
    return Ref(KIND, f"{key.application}{_SEPARATOR}{key.environment}")


def cluster_name(key: Key, revision: str) -> str:
    """Return the name of a revision's cluster."""
    return f"{ref(key).name}{_SEPARATOR}{revision[:_DIGITS]}"


def mirror_name(key: Key, revision: str) -> str:
    """Return the name of the cluster that gets copies of requests for a revision."""
    return f"{cluster_name(key, revision)}{_SEPARATOR}{_MIRROR}"


def noted(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata that says something in our name."""
    return {"filter_metadata": {OWNER: dict(told)}}


def metadata(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what this router noted on a resource, empty when it is not ours."""
    found: Mapping[str, Any] = (
        resource.get("metadata", {}).get("filter_metadata", {}).get(OWNER, {})
    )
    return found


def is_mirror(cluster: Mapping[str, Any]) -> bool:
    """Tell whether a cluster gets copies of requests only."""
    return bool(metadata(cluster).get(_MIRROR, False))
