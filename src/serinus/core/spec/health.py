"""How a replica says that it is ready: the value that specs resolve to and platforms ask by."""

import msgspec


class HealthProbe(msgspec.Struct, frozen=True):
    """How a replica says that it is ready: ``GET path`` answers 2xx or 3xx within ``timeout_s``."""

    path: str | None = "/"
    every_s: float = 1.0
    timeout_s: float = 1.0
