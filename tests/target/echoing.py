"""An API that repeats the credentials of every request, in every part of its answer and in every encoding."""

from __future__ import annotations

import base64
import binascii
import json
import re
from urllib.parse import parse_qsl

from tests.servers import Answer, Crud, Seen
from tests.target.encodings import ENCODINGS

CHAINS = [(name, "plain") for name in ENCODINGS] + [
    ("base64", "base64, second"),
    ("percent throughout", "percent throughout"),
    ("JSON of .NET", "base64"),
    ("HTML numbers", "hex"),
    ("hex", "base64, for URLs"),
    ("upper", "HTML hex numbers"),
]
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def secrets_of(seen: Seen) -> list[str]:
    """What a server can tell of the credentials that a request carries."""
    found = [value.split(" ", 1)[-1] for name in ("authorization", "x-second") if (value := seen.field(name))]
    for coded in found[:1]:
        try:
            found.append(base64.b64decode(coded, validate=True).decode().partition(":")[2])
        except (binascii.Error, UnicodeDecodeError):
            continue
    found += [pair.strip().partition("=")[2] for pair in (seen.field("cookie") or "").split(";")]
    found += [value for name, value in parse_qsl(seen.path.partition("?")[2]) if name == "api_key"]
    return [one for one in dict.fromkeys(found) if one]


def encoded(secret: str, turn: int, many: int = 5) -> list[str]:
    """A secret in some of the encodings and chains of two; in all of them over as many turns as there are."""
    chosen = [CHAINS[(turn * many + place) % len(CHAINS)] for place in range(many)]
    return [ENCODINGS[outer](ENCODINGS[inner](secret)) for inner, outer in chosen]


class Echo(Crud):
    """A CRUD API that repeats credentials in reason phrases, names and values of fields, and JSON.

    Each answer has another few of the encodings.
    """

    def __call__(self, seen: Seen) -> Answer | None:
        answer = super().__call__(seen)
        if answer is None:
            return None
        shown = secrets_of(seen)
        answer.reason = "Hello " + " ".join(one for one in shown if one.isascii())
        for number, secret in enumerate(shown):
            for place, text in enumerate(encoded(secret, self.count)):
                if text.isascii() and text.isprintable():
                    answer.fields.append((f"X-E{number}-{place}", text))
                if _TOKEN.fullmatch(text):
                    answer.fields.append((f"X-{text}", "1"))
        try:
            shown = json.loads(answer.body)
        except ValueError:
            return answer
        if isinstance(shown, dict):
            shown["encoded"] = [{text: text for text in encoded(secret, self.count)} for secret in shown]
            answer.body = json.dumps(shown).encode()
        return answer
