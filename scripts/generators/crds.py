"""deploy/crds/*.yaml, from the types of what people write and of what the controller keeps."""

import io

from ruamel.yaml import YAML

from serinus.adapters.kubernetes import crd

HEAD = "# Written by scripts/generate from the types; edit those.\n"


def generate() -> dict[str, str]:
    """Return a file for each kind."""
    return {
        f"deploy/crds/{definition.plural}.yaml": HEAD + _text(crd.of(definition))
        for definition in crd.DEFINITIONS
    }


def _text(document: dict[str, object]) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 100
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its stub has None
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
