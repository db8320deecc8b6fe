"""docs/reference/cli.md, from the catalogue of commands and from their own pages of help."""

import io

from rich.console import Console

from serinus.interfaces.cli import catalogue, dispatch

WIDTH = 96

HEAD = """\
<!-- Written by scripts/generate from the commands themselves; edit those. -->
# Commands

`serinus COMMAND [OPTIONS]`. Without a command it is `serinus status`. `serinus COMMAND --help`
prints what stands here.

## Output

A terminal gets colours and wrapped lines. A pipe gets one line for each fact, without colours,
never cut and never wrapped. `-o json`, `-o yaml` and `-o name` are for programs: names are in camel
case, shares and rates are fractions of one, and instants are ISO 8601 in UTC. `--no-color` and
`NO_COLOR` take the colours away, `--quiet` all but the answer.

## Errors

```text
error: what cannot be done
why:   what was found
try:   what to type next
```

Errors go to the standard error stream. So does the note that no controller runs.

## Exit codes

| code | meaning |
|---|---|
"""


def generate() -> dict[str, str]:
    """Return the reference of the commands."""
    parts = [HEAD, *(f"| {code} | {meaning} |\n" for code, meaning in catalogue.CODES)]
    for title, entries in catalogue.GROUPS:
        parts.append(f"\n## {title}\n")
        parts += [_command(entry) for entry in entries]
    return {"docs/reference/cli.md": "".join(parts)}


def _command(entry: catalogue.Entry) -> str:
    app = dispatch.build()
    pages = [[entry.name], *([entry.name, below] for below in catalogue.BELOW.get(entry.name, ()))]
    text = "\n".join(_page(app, tokens) for tokens in pages)
    return f"\n### serinus {entry.name}\n\n```text\n{text}```\n"


def _page(app: object, tokens: list[str]) -> str:
    file = io.StringIO()
    console = Console(file=file, width=WIDTH, no_color=True, force_terminal=False)
    app.help_print(tokens, console=console)  # type: ignore[attr-defined]  # cyclopts.App
    return "\n".join(line.rstrip() for line in file.getvalue().strip().splitlines()) + "\n"
