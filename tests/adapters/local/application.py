"""
An application to run behind Envoy: one process, faults by path and by environment.

    /               200, the replica's name        /?code=500      that status
    /?ms=30         after 30 ms                    /hang           never
    /reset          the connection is reset        /broken         reset in the middle of the body
    /drip?ms=300    half the body, the rest later  /echo           the request's headers
    /socket         becomes a line that echoes

FAULT=/hang: what every other path is answered like. TELL=1: the log tells each request's headers.
UNHEALTHY=1: ``/healthz`` answers 503. START_S: seconds before it listens. FALL=7: exits with 7.
"""

import asyncio
import os
import signal
import sys
from urllib.parse import parse_qs, urlsplit

NAME = os.environ.get("SERINUS_REPLICA", "?")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            headers = []
            while (header := await reader.readline()) not in {b"\r\n", b""}:
                headers.append(header)
            target = line.split()[1].decode()
            if "TELL" in os.environ and target != "/healthz":
                print(*[header.decode().strip() for header in headers], sep="; ", flush=True)
            if target != "/healthz":
                target = os.environ.get("FAULT", target)
            if not await answer(target, headers, reader, writer):
                writer.transport.abort()
                return
    except (ConnectionError, asyncio.IncompleteReadError, IndexError):
        pass
    finally:
        writer.close()


async def answer(
    target: str,
    headers: list[bytes],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    """Return False when the connection is to be reset."""
    path = urlsplit(target).path
    query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    wait_s = int(query.get("ms", "0")) / 1000
    body = b"".join(headers) if path == "/echo" else NAME.encode()
    status = int(query.get("code", "200"))
    if path == "/healthz" and os.environ.get("UNHEALTHY"):
        status = 503
    head = b"HTTP/1.1 %d Answer\r\ncontent-length: %d\r\nserver: mine\r\n\r\n" % (status, len(body))
    match path:
        case "/reset":
            return False
        case "/hang":
            await asyncio.sleep(3600)
        case "/socket":
            writer.write(b"HTTP/1.1 101 Go on\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
            while said := await reader.read(100):
                writer.write(said)
            return False
        case "/broken" | "/drip":
            writer.write(head + body[:1])
            await writer.drain()
            await asyncio.sleep(wait_s or 0.05)
            if path == "/broken":
                return False
            writer.write(body[1:])
        case _:
            await asyncio.sleep(wait_s)
            writer.write(head + body)
    await writer.drain()
    return True


async def main() -> None:
    print(f"{NAME} starts", *sys.argv[1:], flush=True)
    if "FALL" in os.environ:
        print("cannot go on: the disk is made of cheese", flush=True)
        sys.exit(int(os.environ["FALL"]))
    await asyncio.sleep(float(os.environ.get("START_S", "0")))
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=1024)
    print(f"{NAME} listens", flush=True)
    await stopped.wait()
    server.close()


asyncio.run(main())
