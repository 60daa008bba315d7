"""A proxy that adds a round trip's time: what is sent arrives so much later, in both directions together."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

CHUNK = 65536


async def _later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass octets on, each read so many seconds after it came, in order."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, octets = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if not octets:
                writer.close()
                return
            writer.write(octets)
            await writer.drain()

    delivery = asyncio.create_task(deliver())
    try:
        while octets := await reader.read(CHUNK):
            under_way.put_nowait((loop.time() + delay, octets))
    except ConnectionError:
        pass
    under_way.put_nowait((loop.time() + delay, b""))
    await asyncio.gather(delivery, return_exceptions=True)


def _proxy(host: str, port: int, delay: float, shown: Connection) -> None:
    async def main() -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection(host, port)
            await asyncio.gather(_later(reader, back, delay), _later(there, writer, delay))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        shown.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def behind(url: str, round_trip: float) -> Iterator[str]:
    """The base URL of a target at a distance; the target's own URL for 0. A process of its own does the delaying.

    Args:
        url: of a target on this machine.
        round_trip: seconds added to each exchange. Opening a connection takes no longer.
    """
    if not round_trip:
        yield url
        return
    parts = urlsplit(url)
    mine, its = multiprocessing.Pipe()
    process = multiprocessing.Process(
        target=_proxy, args=(parts.hostname, parts.port, round_trip / 2, its), daemon=True
    )
    process.start()
    try:
        yield parts._replace(netloc=f"127.0.0.1:{mine.recv()}").geturl()
    finally:
        process.terminate()
        process.join()
