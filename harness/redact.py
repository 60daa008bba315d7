"""Secrets are taken out when an exchange is captured, before anything can keep it.

1. A credential's value is replaced wherever it stands (URL, fields, bodies, texts of findings), also in its
   percent-encoded and base64 forms, by `$NAME`: a curl line made of it runs after an `export`.
2. Header fields, query parameters and JSON members with names that tell of a secret lose their value
   whatever it is, and so does a password in a URL.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus

from harness.credential_secrets import basic_pair

MASK = "[redacted]"
SHORTEST = 4
"""Characters of a secret that is replaced wherever it stands."""
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
_NAME = (
    r"(?:(?:access|auth|bearer|csrf|id|private|refresh|session|xsrf)_?token|token|client_?secret|secret"
    r"|(?:access|api|auth|private|secret)_?key|secret_?access_?key|password|passwd|passphrase|session_?id|signature)"
)
_QUERY = re.compile(rf"((?:\A|[?&;]){_NAME}=)([^&#\s]+)", re.I)
# The end of a text ends a value, too: a body may have been cut inside it.
_MEMBER = re.compile(rf'("{_NAME}"\s*:\s*)"((?:[^"\\]|\\.)+)(?:"|\\?\Z)', re.I)
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_FIELD = re.compile(
    r"(?:.*[-_])?(?:(?:access|api|auth|bearer|csrf|id|private|refresh|session|xsrf)[-_]?token"
    r"|(?:access|api|auth|private|secret|subscription)[-_]?key|secret|password)\Z"
)
_USER = re.compile(r"(://[^/?#@\s:\"]*:)[^/?#@\s\"]+(?=@)")
_HINTS = ("token", "api", "secret", "pass", "key", "session", "signature")


class Redactor:
    """Replaces the known secrets of a run.

    Args:
        secrets: secret values by the name that shall stand in their place (without `$`). Values of fewer
            than four characters are ignored: to replace them everywhere would garble every text.
        fields: names, in lower case, of header fields that carry a credential, beside those that always do.
        values: what those fields carry; in one of the Basic scheme, user and password stand in base64 together.
    """

    def __init__(
        self,
        secrets: Mapping[str, str] = {},
        fields: Collection[str] = (),
        values: Collection[str] = (),
    ) -> None:
        self._fields = _FIELDS | set(fields)
        self.names: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        for name, value in secrets.items():
            self._take(name, value)
        for value in values:
            self._take_basic(value)
        self._prepare()
        # The same few fields and URLs come with every exchange.
        self.field = lru_cache(4096)(self._field)
        self.url = lru_cache(4096)(self.text)
        self._short_names_in = lru_cache(4096)(self._names_in)

    def names_in(self, text: str) -> frozenset[str]:
        """The names of secrets that stand as `$NAME` in a redacted text."""
        return self._short_names_in(text) if len(text) < 200 else self._names_in(text)

    def _names_in(self, text: str) -> frozenset[str]:
        return frozenset(name for name in self.names.values() if f"${name}" in text)

    def learn(self, name: str, value: str) -> None:
        """Replace one more secret from now on; several may have one name."""
        self._take(name, value)
        self._prepare()
        self.field.cache_clear()
        self.url.cache_clear()
        self._short_names_in.cache_clear()

    def _take(self, name: str, value: str) -> None:
        self.names[value] = name
        if len(value) >= SHORTEST:
            for form in _forms(value):
                self._forms.setdefault(form, f"${name}")

    def _take_basic(self, value: str) -> None:
        """Let `user:$NAME` stand for the two in base64, which curl makes again of it."""
        pair = basic_pair(value)
        if pair is None or pair[1] not in self.names:
            return
        for form in _forms(value.split()[1]):
            self._forms.setdefault(form, f"{pair[0]}:${self.names[pair[1]]}")

    def _prepare(self) -> None:
        # Longest first: a secret that contains another must go as a whole.
        self._ordered = ordered = sorted(self._forms, key=len, reverse=True)
        self._longest = len(ordered[0]) if ordered else 0
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def secret(self, value: str) -> str:
        """What stands for a value of a credential, be it ever so short."""
        known = self.values(value)
        return f"${self.names[value]}" if known == value and value in self.names else known

    def text(self, text: str) -> str:
        """The text without any known secret, nor members or parameters named like one."""
        text = self.values(text)
        low = text.lower()
        # Substring search is many times faster than the patterns, and nearly all texts have none.
        if any(hint in low for hint in _HINTS):
            text = _MEMBER.sub(lambda found: f'{found[1]}"{self._masked(found[2])}"', text)
            text = _QUERY.sub(lambda found: found[1] + self._masked(found[2]), text)
        if "@" in text and "://" in text:
            text = _USER.sub(rf"\1{MASK}", text)
        return text

    def _masked(self, value: str) -> str:
        """Nothing of a value, but the name that stands for it already."""
        known = value.startswith("$") and value[1:] in self.names.values()
        return value if known else MASK

    def beginning(self, octets: bytes, most: int) -> str:
        """The first octets as text without any known secret, also without half of one at the end."""
        text = octets[:most].decode("utf-8", "replace")
        if self._pattern is not None and len(octets) > most:
            more = octets[: most + 4 * self._longest].decode("utf-8", "replace")
            for found in self._pattern.finditer(more, max(0, len(text) - self._longest)):
                if found.start() < len(text) < found.end():
                    text = text[: found.start()]
        return self.text(text)

    def values(self, text: str) -> str:
        """The text without any known secret value."""
        # Substring search is many times faster than a pattern of many branches, and nearly all texts have none.
        if self._pattern is None or not any(form in text for form in self._ordered):
            return text
        return self._pattern.sub(lambda found: self._forms[found.group()], text)

    def _field(self, name: str, value: str) -> str:
        """A header field's value, fit to be kept."""
        if name.lower() in self._fields or _FIELD.match(name.lower()):
            known = self.values(value)
            if name.lower() == "set-cookie":
                return _cookie(known)
            if name.lower() == "cookie":
                return "; ".join(one if "$" in one else _cookie(one) for one in known.split("; "))
            return known if known != value else MASK
        return self.text(value)


def _cookie(value: str) -> str:
    name, _, rest = value.partition("=")
    _, semicolon, attributes = rest.partition(";")
    return f"{name}={MASK}{semicolon}{attributes}"


def _forms(value: str) -> list[str]:
    octets = value.encode("utf-8", "surrogateescape")
    quoted = {quote(octets, safe=""), quote(octets), quote_plus(octets)}
    # A URL inside a URL, such as where to go after a login.
    quoted |= {quote(form, safe="") for form in quoted}
    quoted |= {_ESCAPE.sub(lambda escape: escape.group().lower(), form) for form in quoted}
    found = [value, *sorted(quoted)]
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        found += [text[1:-1], text[1:-1].replace("/", "\\/")]
    found += [html.escape(value), html.escape(value, quote=False)]
    for text in dict.fromkeys(found):
        found += _coded(text.encode("utf-8", "surrogateescape"))
    return list(dict.fromkeys(found))


def _coded(octets: bytes) -> list[str]:
    """Octets as they show in the base64 of a longer text: where they stand in it decides their form.

    All three alignments, less the characters that their neighbours share; of short ones, nothing.
    """
    found: list[str] = []
    for pad in range(3) if len(octets) >= 8 else ():
        coded = base64.b64encode(b"\0" * pad + octets).decode()
        inner = coded[(0, 2, 3)[pad] :].rstrip("=")
        usable = len(inner) if (pad + len(octets)) % 3 == 0 else len(inner) - 1
        if usable >= 8:
            found += [inner[:usable], inner[:usable].replace("+", "-").replace("/", "_")]
    return found
