"""How the documentation is built: Sphinx with MyST pages, every warning an error."""

import tomllib
from pathlib import Path

_project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]

project = "Serinus"
author = "the Serinus authors"
copyright = author
version = release = _project["version"]

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

nitpicky = True
exclude_patterns = ["_build", "reference/routers/parts"]

html_theme = "furo"
html_title = f"Serinus {version}"
html_copy_source = False
html_show_sphinx = False
