"""
End the cluster and remove all that it left: `make cluster-down`, or `python -m cluster.down`.

`--force` ends one that another clone started.
"""

import os
import sys
import time

from cluster import leftovers, parts, places


def main() -> None:
    """End the cluster of this clone; that of another one only by `--force`."""
    if os.geteuid() != 0:
        raise SystemExit("cluster: run this as root, as the cluster was started")
    begun = time.monotonic()
    with parts.locked("cluster"):
        owner = places.OWNER.read_text() if places.OWNER.exists() else str(places.ROOT)
        if owner != str(places.ROOT) and "--force" not in sys.argv[1:]:
            raise SystemExit(
                f"cluster: it was started by {owner}; run `make cluster-down` there, or "
                f"`make cluster-down ARGS=--force` here"
            )
        leftovers.clean()
        if left := leftovers.left():
            raise SystemExit("\n".join(["cluster: it ended, but this is left:", *left]))
    print(f"cluster: it ended after {time.monotonic() - begun:.1f} s and left nothing")


if __name__ == "__main__":
    main()
