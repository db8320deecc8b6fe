"""The built-in templates, which ship with the package as the files that people would write."""

import functools
from importlib import resources

from ruamel.yaml import YAML

from serinus.core.errors import SpecError
from serinus.core.spec import resolve, review
from serinus.core.spec.application import DeliverySpec
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer, Library
from serinus.core.spec.template import DeliveryTemplate


@functools.cache
def builtin() -> Library:
    """Read the built-in templates. They are reviewed as everybody's are; SpecError is our fault."""
    templates: dict[str, tuple[DeliveryTemplate, ...]] = {}
    for name in names():
        found, problems = review.document(YAML(typ="safe").load(text(name)))
        if not isinstance(found, DeliveryTemplate):
            raise SpecError(problems)
        templates[found.spec.template] = (*templates.get(found.spec.template, ()), found)
    return Library(templates=templates, environments={})


def names() -> tuple[str, ...]:
    """Return the names of the files, sorted."""
    folder = resources.files("serinus.boot") / "templates"
    return tuple(sorted(f.name for f in folder.iterdir() if f.name.endswith(".yaml")))


def text(name: str) -> str:
    """Return a file as it was written."""
    folder = resources.files("serinus.boot") / "templates"
    return (folder / name).read_text(encoding="utf-8")


def source(template: str, version: str) -> tuple[str, str] | None:
    """Return the file of a built-in template and what is written in it; None if it is not one."""
    known = builtin().templates.get(template, ())
    if not any(one.spec.version == version for one in known):
        return None
    written = {name: text(name) for name in names()}
    name = f"{template}-{version}"
    return next(found for found in written.items() if f"\n  name: {name}\n" in found[1])


def delivery(name: str) -> Delivery:
    """Return what a built-in template's defaults come to; SpecError is our fault."""
    layer = Layer("defaults", "spec.delivery", DeliverySpec(template=name))
    found = resolve.resolve((layer,), builtin(), Limits())
    if found.delivery is None:
        raise SpecError(found.problems)
    return found.delivery
