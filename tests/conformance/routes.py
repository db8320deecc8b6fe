"""Routes of every kind, for the laws that routers keep."""

from hypothesis import strategies as st

from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Mirror, Route, Sticky

KEY = Key("shop", "local")

REVISIONS = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-_0123456789", min_size=1, max_size=12)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
HEALTH_PATHS = st.sampled_from([None, "/", "/healthz?deep=1"])
EDITS = st.builds(
    Edits,
    set=st.lists(st.tuples(NAMES, VALUES), max_size=2).map(tuple),
    remove=st.lists(NAMES, max_size=2).map(tuple),
)
CONDITIONS = st.one_of(
    st.builds(Condition, st.sampled_from(Part), NAMES, st.none() | VALUES),
    st.builds(
        Condition,
        st.sampled_from(Part),
        NAMES,
        st.sampled_from(["[a-z]+", ".*", "a|b", "(?i)on"]),
        st.just(value=True),
    ),
)
MATCHES = st.lists(CONDITIONS, min_size=1, max_size=3).map(lambda found: Match(tuple(found)))
STICKY = st.builds(Sticky, NAMES, st.sampled_from([1.0, 0.5, 86_400.0]))
METHODS = st.sampled_from([(), ("GET",), ("GET", "HEAD")])


@st.composite
def _endpoints(draw: st.DrawFn, revision: str) -> tuple[Endpoint, ...]:
    ordinals = draw(st.lists(st.integers(0, 99), max_size=3, unique=True))
    ports = draw(
        st.lists(st.integers(1, 65535), min_size=len(ordinals), max_size=len(ordinals), unique=True)
    )
    return tuple(
        Endpoint(f"{revision[:10]}-{ordinal}", f"127.0.0.1:{port}")
        for ordinal, port in zip(ordinals, ports, strict=True)
    )


@st.composite
def _mirrors(draw: st.DrawFn, revisions: list[str]) -> Mirror:
    revision = draw(st.sampled_from(revisions) | REVISIONS)
    return Mirror(
        revision=revision,
        share=draw(st.integers(0, 1000)),
        methods=draw(METHODS),
        endpoints=draw(_endpoints(revision)),
        health_path=draw(HEALTH_PATHS),
        edits=draw(EDITS),
    )


@st.composite
def routes(draw: st.DrawFn) -> Route:
    revisions = draw(st.lists(REVISIONS, min_size=1, max_size=4, unique_by=lambda r: r[:10]))
    cuts = sorted(draw(st.integers(0, 1000)) for _ in revisions[1:])
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    backends = tuple(
        Backend(
            revision=revision,
            weight=weight,
            endpoints=draw(_endpoints(revision)),
            health_path=draw(HEALTH_PATHS),
            edits=draw(st.just(Edits()) | EDITS),
        )
        for revision, weight in zip(revisions, weights, strict=True)
    )
    matches = tuple(draw(st.lists(MATCHES, max_size=3)))
    return Route(
        application=KEY.application,
        environment=KEY.environment,
        host=draw(st.sampled_from(["shop.localhost", "shop.example.org"])),
        backends=backends,
        timeout_s=draw(st.sampled_from([0.25, 1.0, 15.0, 3600.0])),
        matches=matches,
        matched=draw(st.sampled_from(revisions)) if matches else "",
        sticky=draw(st.none() | STICKY),
        mirror=draw(st.none() | _mirrors(revisions)),
        visits=draw(st.booleans()),
    )
