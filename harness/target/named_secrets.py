"""Secrets by name: what members, parameters and fields called like a secret hold is masked, whatever it is.

JSON is read string by string, forms by their parameters, and other text by patterns that end where a value in
JSON, HTML or a URL ends: what is masked stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "[redacted]"
MASKED_PASSWORD = "***"
"""In a URL, whose authority may hold no brackets but those of an address (RFC 3986 section 3.2.2)."""
_NAME = (
    r"(?:(?:access|auth|bearer|csrf|id|private|refresh|session|xsrf)_?token|token|client_?secret|secret"
    r"|(?:access|api|auth|private|secret)_?key|secret_?access_?key|password|passwd|passphrase|session_?id"
    r"|(?:x[-_](?:amz|goog|oss)[-_])?signature)"
)
_NAMED = re.compile(_NAME, re.I)
_FIELDS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "apikey",
        "x-auth-token",
        "x-amz-security-token",
        "x-csrf-token",
    }
)
_FIELD = re.compile(
    r"(?:.*[-_])?(?:(?:access|api|auth|bearer|csrf|id|private|refresh|session|xsrf)[-_]?token"
    r"|(?:access|api|auth|private|secret|subscription)[-_]?key|secret|password)\Z"
)
_HINTS = ("token", "api", "secret", "pass", "key", "session", "signature")
# A member's name, if there is one, and a string. The end of a text ends a string, too: it may have been cut.
_STRING = re.compile(r'(?:"((?:[^"\\]|\\.)*)"(\s*:\s*))?"((?:[^"\\]|\\.)*)("|\\?\Z)', re.S)
# Within strings of JSON, texts are read undecoded, so that their escapes are preserved.
_AND, _IS, _ASKS = r"(?:&|\\u0026)", r"(?:=|\\u003[dD])", r"(?:[?&;]|\\u0026|\\u003[fF])"
_VALUE = r"((?:[^&#;\s\"'<>\\]|\\/|\\u00(?!2[02367]|3[cCeE])[0-9a-fA-F]{2})+)"
# A member in other text, such as a page or the message of an error; its quotes may be escaped, those of a page too.
_MEMBER = re.compile(rf"(?P<quote>\\*[\"']|&quot;|&#0*34;|&#x0*22;){_NAME}(?P=quote)\s*:\s*(?P=quote)", re.I)
_QUOTES = ('"', "'", "&")
_QUOTE = re.compile(r"(\\*)([\"'])")
_QUERY = re.compile(rf"((?:\A|{_ASKS}){_NAME}{_IS}){_VALUE}", re.I)
_FORM = re.compile(r"[\w.%+\[\]~*-]+=\S*\Z")
_PARAMETER = re.compile(rf"((?:\A|{_AND}){_NAME}=)((?:(?!{_AND}).)+)", re.I)
_ANY_PARAMETER = re.compile(rf"((?:\A|{_ASKS})([\w.%~*-]+){_IS}){_VALUE}")
_USER = re.compile(r"(:(?:\\?/){2}[^/?#@\s:\"'<>\\]*:)[^/?#@\s\"'<>\\]+(?=@)")

Keep = Callable[[str], bool]
Exact = Callable[[str, str], str | None]


def is_secret_field(name: str) -> bool:
    """Whether a header field always carries a credential, by its name in lower case."""
    return name in _FIELDS or _FIELD.match(name) is not None


def masked(text: str, keep: Keep, exact: Exact | None = None) -> str:
    """The text without the values of members and parameters named like a secret, nor passwords in URLs.

    Args:
        keep: whether a value may stay, since it is the name of a secret already.
        exact: the replacement for the value of a further name; None if it may stay.
    """
    low = text.lower()
    # Substring search is many times faster than the patterns, and nearly all texts have none.
    if exact is None and "@" not in text and not any(hint in low for hint in _HINTS):
        return text
    if text.lstrip()[:1] in ("{", "[", '"'):
        return _json(text, keep, exact)
    return _plain(text, keep, exact)


def _json(text: str, keep: Keep, exact: Exact | None) -> str:
    parts, at = [], 0
    for found in _STRING.finditer(text):
        # Between strings of JSON there is nothing to mask; but it may only look like JSON.
        parts += [_plain(text[at : found.start()], keep, exact), _string(found, keep, exact)]
        at = found.end()
    return "".join([*parts, _plain(text[at:], keep, exact)])


def _string(found: re.Match[str], keep: Keep, exact: Exact | None) -> str:
    name, colon, value, end = found.groups()
    shown = None
    if name is not None and value:
        if _NAMED.fullmatch(name):
            shown = value if keep(value) else MASK
        elif exact is not None:
            shown = exact(name, value)
    if shown is not None:
        return f'"{name}"{colon}"{shown}"'
    before = found.group()[: found.start(3) - found.start()]
    return f"{before}{_plain(value, keep, exact)}{end}"


def _plain(text: str, keep: Keep, exact: Exact | None) -> str:
    # Each pattern needs one of these: most pieces between the strings of JSON have none.
    if ":" in text and any(mark in text for mark in _QUOTES):
        text = _members(text, keep)
    if "=" in text or "\\u003" in text:

        def value(found: re.Match[str]) -> str:
            given = found[found.re.groups]
            return found[1] + (given if keep(given) else MASK)

        if _FORM.match(text):
            text = _PARAMETER.sub(value, text)
        text = _QUERY.sub(value, text)
        if exact is not None:
            text = _ANY_PARAMETER.sub(lambda found: found[1] + (exact(found[2], found[3]) or found[3]), text)
    if "@" in text:
        text = _USER.sub(rf"\1{MASKED_PASSWORD}", text)
    return text


def _members(text: str, keep: Keep) -> str:
    parts, at = [], 0
    for found in _MEMBER.finditer(text):
        if found.start() < at:
            continue
        end = _end(text, found["quote"], found.end())
        given = text[found.end() : end]
        parts += [text[at : found.end()], given if keep(given) or not given else MASK]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _end(text: str, quote: str, start: int) -> int:
    """Where a string ends: at a quote that is escaped as its first one is, not at one that is escaped within it."""
    if quote.startswith("&"):
        end = text.find(quote, start)
        return len(text) if end < 0 else end
    depth = len(quote) - 1
    for found in _QUOTE.finditer(text, start):
        if found[2] == quote[-1] and len(found[1]) % (2 * depth + 2) == depth:
            return found.end() - len(quote)
    return len(text)
