"""
The demo's shop, with its errors from a moment of the wall clock on instead of an age.

    OUTAGE_AT=1750000000.0 SHOP_ERRORS=100% python -m benchmarks.outage

What breaks in an outage is mostly not the process but what it needs. So a fresh replica, started
after that moment, fails from its first request, as it would then.
"""

import os
import sys
import time

from serinus.interfaces.demo import shop

AT = "OUTAGE_AT"


def main() -> int:
    """Turn the moment into the age that the shop understands, and be the shop."""
    left = max(0.0, float(os.environ.pop(AT)) - time.time())
    os.environ["SHOP_ERRORS_AFTER"] = f"{left:.3f}s"
    return shop.main()


if __name__ == "__main__":
    sys.exit(main())
