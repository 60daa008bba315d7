"""Internal addresses in the spellings that filters forget. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit


def other_loopback(url: str) -> str:
    """A URL of this machine at which nothing listens, at the port of its receiver: internal beyond doubt.

    Args:
        url: of the receiver, without a path.
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port is not None else ""
    return f"http://127.0.0.{3 if parts.hostname == '127.0.0.2' else 2}{port}"


def spellings(url: str) -> list[str]:
    """URLs that lead to this machine, at the port of its receiver; never to another machine.

    Args:
        url: of the receiver, without a path.
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port is not None else ""
    hosts = (
        "localhost",
        "localhost.",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
    )
    return [f"http://{host}{port}" for host in hosts if host != parts.hostname]
