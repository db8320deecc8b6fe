"""docs/reference/api.md: what can be asked over HTTP, from the table that serves it."""

import re
from collections.abc import Mapping

from serinus.interfaces.api import openapi, problems
from serinus.interfaces.api.operations import ROOT, Operation

HEAD = """\
# The API

<!-- Written by scripts/generate from src/serinus/interfaces/api. Do not edit. -->

The dashboard is one reader of this API; programs are others. It says what the commands say, as
JSON, and takes the same wishes. `{root}/openapi.json` describes it for machines, in OpenAPI 3.1.

```console
$ curl -H "Authorization: Bearer $SERINUS_TOKEN" http://127.0.0.1:7070{root}/applications
```

`serinus dashboard --token` prints a token for the place where it is typed; it is good for seven
days.

## What holds everywhere

- **Answers** are JSON. Instants are ISO 8601 in UTC, shares and rates are fractions of one.
- **Tags**: each answer has an `ETag`. With `If-None-Match` an answer that one has already is 304
  and empty.
- **Lists** come in pages: `limit` and `cursor`; `found` is how many there are in all. The
  `cursor` of an answer leads to the next page, and is null on the last.
- **Applications** of a cluster are written with their namespace: `/applications/team/shop`.
- **Failures** are `application/problem+json` (RFC 9457): `detail` says what happened, `why` what
  was found, `hint` what to do; `problems` are those of a document, each with its path, line and
  column.
- **Browsers** that come with a session need a request of the same origin, or the header
  `X-Serinus-CSRF`.

| status | means |
|---|---|
{failures}

"""

_MEANS = {
    400: "the request cannot be read: the sentence says where",
    401: "nobody knows who asks: no token, or one that is too old",
    403: "who asks needs another role, which is named",
    404: "there is no such thing, or not any more",
    409: "the world has moved since the asker looked: the sentence says what is so now",
    412: "the document is not the one that was looked at; read it again",
    413: "more than 1 MiB was sent",
    422: "it was understood and will not be done: the sentence says why",
    428: "a document is changed with the version that it was read at",
    429: "too much at once; `Retry-After` says when again",
    503: "the controller, or what it works with, is away",
}


def generate() -> dict[str, str]:
    """Return the page."""
    rows = "\n".join(f"| {status} | {means} |" for status, means in _MEANS.items())
    parts = [HEAD.format(root=ROOT, failures=rows)]
    parts += [_operation(one) for one in openapi.TABLE]
    parts.append(EVENTS)
    unknown = {status for one in openapi.TABLE for status in one.errors} - set(_MEANS)
    if unknown:
        raise ValueError(f"{problems.MEDIA_TYPE}: nothing says what {sorted(unknown)} means")
    return {"docs/reference/api.md": "".join(parts)}


def _operation(one: Operation) -> str:
    path = ROOT + re.sub(r"\{(\w+):\w+\}", r"{\1}", one.path)
    lines = [f"## `{one.method} {path}`", "", one.summary, ""]
    for title, names in (("query", one.query), ("header", one.headers)):
        lines += _table(title, names)
    lines += [f"Fails with {', '.join(map(str, one.errors))}.", "", ""]
    return "\n".join(lines)


def _table(title: str, names: Mapping[str, str]) -> list[str]:
    if not names:
        return []
    rows = [f"| `{name}` | {meaning} |" for name, meaning in names.items()]
    return [f"| {title} | |", "|---|---|", *rows, ""]


EVENTS = """\
## `GET /events`

Tell what changes, as [server-sent
events](https://html.spec.whatwg.org/multipage/server-sent-events.html).

```text
id: 5f3a1c-1287
data: {"topic":"release/local/shop/7","version":1287,"kind":"changed"}
```

An event says that a topic has changed, and nothing else: whoever shows it asks for it again, with
the tag of what they have. Topics are `release/ENVIRONMENT/APPLICATION/NUMBER`,
`application/ENVIRONMENT/APPLICATION`, `list` and `controller`. A topic comes at most twice a
second. `"kind":"reset"` comes first, and again to a reader who was slow or away for long:
everything may have changed. `Last-Event-ID` goes on where one was. Where nothing else comes, an
event of the kind `beat` does every 15 seconds: after 40 without one, the line is dead.
"""
