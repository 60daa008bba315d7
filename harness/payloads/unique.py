"""Values that no other has, of the same kind and form as a given one.

They are drawn from the system's randomness and not from the run's seed: two runs against one staging system
must not meet.
"""

from __future__ import annotations

import re
import secrets
import string
import uuid
from collections.abc import Iterator

from harness.payloads import run_token
from harness.payloads.constraints import Json, Schema, kinds, valid
from harness.payloads.run_token import mark

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9_-]+\.){2,}")
"""A domain name with the dot of the root at its end (RFC 1034 section 3.1)."""
_CODE = re.compile(r"[A-Z0-9+][A-Z0-9+./-]+")
_DIGITS = 6
"""Digits that are enough for a code that no other has."""
_LARGEST = 2**31 - 1
_ALIKE = 200
"""Characters at the end of a text that are drawn again."""


def token(length: int = 10) -> str:
    """Random hexadecimal digits."""
    return secrets.token_hex((length + 1) // 2)[:length]


def steps() -> Iterator[int]:
    """Random small steps for another number, the last one 1."""
    for most in (900, 90, 9):
        yield 1 + secrets.randbelow(most)
    yield 1


def value(old: Json, schema: Schema, name: str) -> Json:
    """A value that no other has, or None where none fits the schema.

    Args:
        old: the value to replace; None where there is none yet.
        schema: schema of the member; empty where nothing is known.
        name: name of the member, for a text where there is none yet.
    """
    if "enum" in schema or "const" in schema or isinstance(old, (bool, dict, list)):
        return None
    number = isinstance(old, (int, float)) or (old is None and {"integer", "number"} & set(kinds(schema)))
    options = numbers(old, schema) if number else texts(old or name, schema)
    return next((one for one in options if one != old and (not schema or valid(schema, one))), None)


def texts(old: str, schema: Schema) -> Iterator[str]:
    """Texts of the form of another, the most readable first."""
    form, most = schema.get("format"), schema.get("maxLength")
    most = most if isinstance(most, int) else 255
    if form == "uuid" or _UUID.fullmatch(old):
        yield str(uuid.uuid4())
    if form in ("email", "idn-email") or re.fullmatch(r"[^@\s]+@[^@\s]+", old):
        local, _, domain = old.partition("@")
        domain = domain or "example.com"
        yield f"{_cut(run_token.TRAILING.sub('', local), min(64, most - len(domain) - 1))}@{domain}"
        yield f"{token(max(1, min(10, most - len(domain) - 1)))}@{domain}"
    if form == "hostname" or _DOMAIN.fullmatch(old):
        yield f"{token()}.{old.partition('.')[2]}"
    if form in ("uri", "url") or re.match(r"https?://", old):
        yield f"{run_token.TRAILING.sub('', old)}-{mark()}"
    if form in ("date", "date-time"):
        day = f"{2000 + secrets.randbelow(100)}-{1 + secrets.randbelow(12):02}-{1 + secrets.randbelow(28):02}"
        yield day + old[10:] if len(old) > 10 or form == "date" else f"{day}T00:00:00Z"
        return
    if _CODE.fullmatch(old) and sum(char.isdigit() for char in old) >= _DIGITS:
        # An ISBN or an article number has a form and a length, whether or not a schema says so.
        yield alike(old)
    if "pattern" not in schema and not form:
        yield _cut(run_token.TRAILING.sub("", old), most)
    # The same classes of characters in the same places most often satisfy the same pattern.
    for _ in range(20):
        yield alike(old)
    yield from (
        token(min(most, 10)),
        token(min(most, 10)).upper(),
        str(secrets.randbelow(10 ** min(most, 9))),
    )


def _cut(prefix: str, most: int) -> str:
    room = most - run_token.LENGTH - run_token.SERIAL - 1
    if room > 0:
        return f"{prefix[:room].rstrip('-_. ')}-{mark()}"
    room = most - 11
    return f"{prefix[:room].rstrip('-_. ')}-{token()}" if room > 0 else token(max(1, min(10, most)))


def alike(text: str) -> str:
    """Random text with digits, upper-case and lower-case letters where another has them."""
    head, tail = text[:-_ALIKE], text[-_ALIKE:]
    made = [head]
    for character in tail:
        for letters in (string.digits, string.ascii_uppercase, string.ascii_lowercase):
            if character in letters:
                character = secrets.choice(letters)
                break
        made.append(character)
    return "".join(made)


def numbers(old: Json, schema: Schema) -> Iterator[int | float]:
    """Random numbers within the bounds of a schema."""
    whole = isinstance(old, int) or "integer" in kinds(schema)
    unit = schema.get("multipleOf", 1)
    low = _first(schema, "minimum", "exclusiveMinimum")
    high = _first(schema, "maximum", "exclusiveMaximum")
    least = low if low is not None else min(1_000_000, high - 1_000_000 if high is not None else 1_000_000)
    most = high if high is not None else max(_LARGEST, least + 1_000_000)
    for _ in range(20):
        try:
            span = min(int((most - least) / unit), _LARGEST)
            drawn = least + secrets.randbelow(max(1, span + 1)) * unit
            drawn -= drawn % unit
            yield int(drawn) if whole else float(drawn)
        except (ArithmeticError, ValueError, TypeError):
            # Bounds or a step that no number keeps.
            return


def _first(schema: Schema, *words: str) -> float | None:
    for word in words:
        found = schema.get(word)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return found
    return None
