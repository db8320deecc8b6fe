"""Selectors of labels and fields, as they stand in the query of a list or a watch."""

import re
from collections.abc import Mapping
from typing import Any

_TERM = re.compile(
    r"\s*(?P<not>!?)\s*(?P<key>[^\s=!,()]+)\s*"
    r"(?:(?P<op>==|=|!=)\s*(?P<value>[^,\s]*)|(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?\s*"
)


def selected(labels: Mapping[str, str], selector: str) -> bool:
    """Tell whether labels meet every term: ``a=b, a!=b, a in (b,c), a notin (b), a, !a``."""
    terms = re.split(r",(?![^(]*\))", selector) if selector else []
    return all(_met(labels, term) for term in terms)


def _met(labels: Mapping[str, str], term: str) -> bool:
    found = _TERM.fullmatch(term)
    if found is None:
        raise ValueError(f"unable to parse selector: {term!r}")
    value = labels.get(found["key"])
    if found["set"]:
        values = {one.strip() for one in found["values"].split(",")}
        return (value in values) is (found["set"] == "in")
    if found["op"]:
        return (value == found["value"]) is (found["op"] != "!=")
    return (value is not None) is (not found["not"])


def selected_fields(obj: Any, selector: str) -> bool:
    """Tell whether fields have their values: ``metadata.name=shop,spec.nodeName!=n1``."""
    for term in filter(None, selector.split(",")):
        path, equals, wanted = re.split(r"(!=|==?)", term, maxsplit=1)
        value = obj
        for part in path.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        if (str(value) == wanted) is (equals == "!="):
            return False
    return True
