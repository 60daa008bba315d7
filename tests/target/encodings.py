"""The encodings in which servers repeat what they were sent, and a reader who undoes them with the standard library."""

from __future__ import annotations

import base64
import binascii
import html
import json
import quopri
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote_to_bytes

Encode = Callable[[str], str]


def _base64(text: str, before: str = "") -> str:
    return base64.b64encode((before + text).encode()).decode()


def _quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


ENCODINGS: dict[str, Encode] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "percent": lambda text: quote(text, safe=""),
    "percent throughout": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "percent throughout, lower": lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON throughout": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "JSON of .NET": lambda text: re.sub(r"[\"&'+<>\\`]", lambda one: f"\\u{ord(one[0]):04X}", text),
    "JSON of Go": lambda text: re.sub(r"[&<>]", lambda one: f"\\u{ord(one[0]):04x}", json.dumps(text)[1:-1]),
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "HTML numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML hex numbers": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "HTML names": lambda text: html.escape(text).replace("+", "&plus;").replace("=", "&equals;"),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": _base64,
    "base64, second": lambda text: _base64(text, "x"),
    "base64, third": lambda text: _base64(text, "xy") + "z",
    "base64 of a pair": lambda text: _base64(text, "ann:"),
    "base64, for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes((text + "x" * 50).encode()).decode(),
    "quoted-printable": _quoted_printable,
}
KEEPS_CASE = sorted(set(ENCODINGS) - {"upper", "lower"})
"""Those after which an encoding that the case of letters matters to can still be undone."""


def _unescaped_json(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        try:
            return str(json.loads(b'"' + found[0] + b'"')).encode("utf-8", "surrogatepass")
        except ValueError:
            return found[0]

    return re.sub(rb"\\(?:u[0-9a-fA-F]{4}|[\"\\/bfnrt])", plain, text)


def _blocks(text: bytes) -> Iterator[bytes]:
    for run in set(re.findall(rb"[A-Za-z0-9+/_-]{8,}", text.replace(b"\n", b""))):
        standard = run.translate(bytes.maketrans(b"-_", b"+/"))
        for skipped in range(4):
            coded = standard[skipped:]
            with_end = coded[: len(coded) - (len(coded) % 4 == 1)]
            yield binascii.a2b_base64(with_end + b"=" * (-len(with_end) % 4))
    for run in set(re.findall(rb"[0-9A-Fa-f]{8,}", text)):
        for skipped in range(2):
            yield bytes.fromhex(run[skipped : skipped + (len(run) - skipped) // 2 * 2].decode())


def _once(text: bytes) -> Iterator[bytes]:
    yield unquote_to_bytes(text)
    yield html.unescape(text.decode("latin-1")).encode("utf-8", "surrogatepass")
    yield _unescaped_json(text)
    yield quopri.decodestring(text)
    yield from _blocks(text)


def read(text: str, times: int = 3) -> set[bytes]:
    """All that a patient reader makes of a text, who undoes so many encodings one after the other."""
    level = {text.encode("utf-8", "surrogatepass")}
    seen = set(level)
    for _ in range(times):
        level = {plain for one in level for plain in _once(one)} - seen
        seen |= level
    return seen


def finds(secret: str, text: str, times: int = 3) -> bool:
    """Whether a reader finds a secret in a text, in whatever case."""
    wanted = secret.encode().lower()
    return any(
        wanted in one.lower() or wanted in one.lower().replace(b"+", b" ") for one in read(text, times)
    )
