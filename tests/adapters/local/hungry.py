"""
A program that takes of the machine what its words say, after it listens on its port.

    eat 64          64 MiB of memory, written to       spin    a whole CPU
    open 100        100 files                          fork 3  three children, which sleep
    share 64 3      64 MiB, seen by three children     grow    more and more memory
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

MIB = 1024 * 1024


def main(what: str, amount: int = 0, children: int = 0) -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        held: list[object] = []
        with contextlib.suppress(OSError):
            for _ in range(amount if what == "open" else 0):
                held.append(open(os.devnull))  # noqa: PTH123, SIM115, PERF401  held until the end
        print(f"{what}: {len(held)} opened", flush=True)
        if what in {"eat", "share"}:
            held.append(b"x" * (amount * MIB))
        for _ in range(children if what == "share" else amount if what == "fork" else 0):
            if what == "fork":
                held.append(subprocess.Popen(["sleep", "60"]))
            elif os.fork() == 0:
                time.sleep(60)
                os._exit(0)
        print("done", flush=True)
        while True:
            if what == "grow":
                held.append(b"x" * (4 * MIB))
            if what != "spin":
                time.sleep(0.01)


main(sys.argv[1], *map(int, sys.argv[2:]))
