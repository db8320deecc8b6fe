"""Routes of every kind that a router has the features for, for the laws that routers keep."""

from hypothesis import strategies as st

from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Feature, Mirror, Route, Sticky

KEY = Key("shop", "local")

REVISIONS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-_0123456789", min_size=1, max_size=12)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
HEALTH_PATHS = st.sampled_from([None, "/", "/healthz?deep=1"])
EDITS = st.builds(
    Edits,
    set=st.lists(st.tuples(NAMES, VALUES), max_size=2).map(tuple),
    remove=st.lists(NAMES, max_size=2).map(tuple),
)
PARTS = {
    Part.HEADER: Feature.HEADER,
    Part.COOKIE: Feature.COOKIE,
    Part.QUERY: Feature.QUERY,
}
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


def _conditions(parts: list[Part]) -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(Condition, st.sampled_from(parts), NAMES, st.none() | VALUES),
        st.builds(
            Condition,
            st.sampled_from(parts),
            NAMES,
            st.sampled_from(["[a-z]+", ".*", "a|b", "(?i)on"]),
            st.just(value=True),
        ),
    )


@st.composite
def _matches(draw: st.DrawFn, features: Feature) -> tuple[Match, ...]:
    parts = [part for part, feature in PARTS.items() if feature in features]
    if not parts:
        return ()
    most_conditions, most_matches = (3, 3) if Feature.COMBINED in features else (1, 1)
    match = st.lists(_conditions(parts), min_size=1, max_size=most_conditions)
    found = draw(st.lists(match, max_size=most_matches))
    return tuple(Match(tuple(conditions)) for conditions in found)


@st.composite
def _mirrors(draw: st.DrawFn, revisions: list[str], features: Feature) -> Mirror:
    revision = draw(st.sampled_from(revisions) | REVISIONS)
    return Mirror(
        revision=revision,
        share=draw(st.integers(0, 1000)),
        methods=draw(METHODS),
        endpoints=draw(_endpoints(revision)),
        health_path=draw(HEALTH_PATHS),
        edits=draw(EDITS) if Feature.EDITS in features else Edits(),
    )


@st.composite
def _weights(draw: st.DrawFn, count: int, features: Feature) -> list[int]:
    """Return weights that sum to 1000: of all, of two, or of one that has everything."""
    if Feature.MANY in features:
        cuts = sorted(draw(st.integers(0, 1000)) for _ in range(count - 1))
        return [b - a for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    part = draw(st.integers(0, 1000)) if Feature.WEIGHT in features and count > 1 else 1000
    weights = [part, 1000 - part, *[0] * count][:count]
    return draw(st.permutations(weights))


@st.composite
def routes(draw: st.DrawFn, features: Feature = ~Feature.NONE) -> Route:
    revisions = draw(st.lists(REVISIONS, min_size=1, max_size=4, unique_by=lambda r: r[:10]))
    edits = st.just(Edits()) | EDITS if Feature.EDITS in features else st.just(Edits())
    backends = tuple(
        Backend(
            revision=revision,
            weight=weight,
            endpoints=draw(_endpoints(revision)),
            health_path=draw(HEALTH_PATHS),
            edits=draw(edits),
        )
        for revision, weight in zip(
            revisions, draw(_weights(len(revisions), features)), strict=True
        )
    )
    matches = draw(_matches(features))
    weighted = [b.revision for b in backends if b.weight]
    many = Feature.MANY in features or len(weighted) < 2
    return Route(
        application=KEY.application,
        environment=KEY.environment,
        host=draw(st.sampled_from(["shop.localhost", "shop.example.org"])),
        backends=backends,
        timeout_s=draw(st.sampled_from([0.25, 1.0, 15.0, 3600.0])),
        matches=matches,
        matched=draw(st.sampled_from(revisions if many else weighted)) if matches else "",
        sticky=draw(st.none() | STICKY) if Feature.STICKY in features else None,
        mirror=(
            draw(st.none() | _mirrors(revisions, features)) if Feature.MIRROR in features else None
        ),
        visits=Feature.VISITS in features and draw(st.booleans()),
    )
