"""Secrets by name: what members, parameters and fields called like a secret hold is masked, whatever it is.

JSON is read string by string, forms by their parameters, and other text by patterns that end where a value in
JSON, HTML or a URL ends: what is masked stays what it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

MASK = "[redacted]"
MASKED_PASSWORD = "***"
"""In a URL, whose authority may hold no brackets but those of an address (RFC 3986 section 3.2.2)."""
_NAME = (
    r"(?:(?:access|auth|bearer|csrf|id|private|refresh|session|xsrf)_?token|token|client_?secret|secret"
    r"|(?:access|api|auth|private|secret)_?key|secret_?access_?key|password|passwd|passphrase|session_?id|signature)"
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
# A member in other text, such as a page or the message of an error; its quotes may be escaped.
_MEMBER = re.compile(rf"((\\*[\"']|&quot;|&#0*34;|&#x0*22;){_NAME}\2\s*:\s*\2)((?:(?!\2)(?:\\.|.))+)", re.I | re.S)
_QUERY = re.compile(rf"((?:\A|[?&;]){_NAME}=)([^&#\s\"'<>\\]+)", re.I)
_FORM = re.compile(r"[\w.%+\[\]~*-]+=[^\s]*\Z")
_PARAMETER = re.compile(rf"((?:\A|&){_NAME}=)([^&]+)", re.I)
_USER = re.compile(r"(:(?:\\?/){2}[^/?#@\s:\"'<>\\]*:)[^/?#@\s\"'<>\\]+(?=@)")
_LEVELS = 3
"""Texts within strings of JSON that are read."""

Masking = Callable[[str, str], str | None]
"""What stands for the value of a name, if that alone tells that it is secret; None where it does not."""


def is_secret_field(name: str) -> bool:
    """Whether a header field always carries a credential, by its name in lower case."""
    return name in _FIELDS or _FIELD.match(name) is not None


def masked(text: str, keep: Callable[[str], bool], exact: Masking | None = None, levels: int = _LEVELS) -> str:
    """The text without the values of members and parameters named like a secret, nor passwords in URLs.

    Args:
        keep: whether a value may stay, since it is the name of a secret already.
        exact: masks the values of further names.
    """
    low = text.lower()
    # Substring search is many times faster than the patterns, and nearly all texts have none.
    hinted = exact is not None or any(hint in low for hint in _HINTS)
    if not hinted and "@" not in text:
        return text
    if text.lstrip()[:1] in ("{", "[", '"'):
        return _json(text, keep, exact, levels)

    def value(name: str, given: str) -> str:
        return given if keep(given) else MASK

    if hinted:
        text = _MEMBER.sub(lambda found: found[1] + value("", found[3]), text)
        if _FORM.match(text):
            text = _PARAMETER.sub(lambda found: found[1] + value("", found[2]), text)
        text = _QUERY.sub(lambda found: found[1] + value("", found[2]), text)
        if exact is not None:
            text = _exactly(text, exact)
    if "@" in text:
        text = _USER.sub(rf"\1{MASKED_PASSWORD}", text)
    return text


_ANY_PARAMETER = re.compile(r"((?:\A|[?&;])([\w.%~*-]+)=)([^&#\s\"'<>\\]+)")


def _exactly(text: str, exact: Masking) -> str:
    return _ANY_PARAMETER.sub(lambda found: found[1] + (exact(found[2], found[3]) or found[3]), text)


def _json(text: str, keep: Callable[[str], bool], exact: Masking | None, levels: int) -> str:
    def string(found: re.Match[str]) -> str:
        name, colon, value, end = found.groups()
        shown = None
        if name is not None and value:
            called = _read(name)
            if _NAMED.fullmatch(called):
                shown = value if keep(value) else MASK
            elif exact is not None:
                shown = exact(called, _read(value))
        if shown is not None:
            return f'"{name}"{colon}"{shown}"'
        inner = _within(value, keep, exact, levels)
        begin = found.group()[: found.start(3) - found.start()]
        return f"{begin}{inner}{end}"

    return _STRING.sub(string, text)


def _within(value: str, keep: Callable[[str], bool], exact: Masking | None, levels: int) -> str:
    """A string's inside, escaped as before: it may be a URL, a form or JSON itself."""
    if not levels or not set("=@:") & set(value):
        return value
    plain = _read(value)
    clean = masked(plain, keep, exact, levels - 1)
    if clean == plain:
        return value
    coded = json.dumps(clean, ensure_ascii="\\u" in value)[1:-1]
    return coded.replace("/", "\\/") if "\\/" in value else coded


def _read(value: str) -> str:
    if "\\" not in value:
        return value
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value
