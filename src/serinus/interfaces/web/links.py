"""Addresses of pages: everything that can be seen has one."""

from urllib.parse import quote, urlencode


def release(environment: str, application: str, number: int, **asked: str) -> str:
    """Return where a release is shown; ``asked``: what is said behind the question mark."""
    return f"/r/{_place(environment, application)}/{number}{_query(asked)}"


def part(kind: str, environment: str, application: str, number: int, **asked: str) -> str:
    """Return where a piece of a release's page is."""
    return f"/_part/{kind}/{_place(environment, application)}/{number}{_query(asked)}"


def application(name: str, **asked: str) -> str:
    """Return where an application is shown."""
    return f"/a/{quote(name)}{_query(asked)}"


def releases(**asked: str) -> str:
    """Return where all releases are listed, with what is looked for."""
    return f"/{_query(asked)}"


def topic(environment: str, application: str, number: int | None = None) -> str:
    """Return what live updates call a release, or an application."""
    if number is None:
        return f"application/{environment}/{application}"
    return f"release/{environment}/{application}/{number}"


def _place(environment: str, application: str) -> str:
    return f"{quote(environment, safe='')}/{quote(application)}"


def _query(asked: dict[str, str]) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(given)}" if given else ""
