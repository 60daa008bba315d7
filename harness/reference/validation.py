"""Content against the schemas that the OpenAPI document publishes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NoReturn

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from harness.reference.call import Call
from harness.reference.errors import Problem
from harness.reference.resources import Purpose, ServedResource

MAILBOX = r"[^@\s\"(),:;<>\[\\\]]+@[\w-]+(\.[\w-]+)+"
FORMATS = FormatChecker(formats=())
CODES = {
    "required": "required",
    "additionalProperties": "unknown_field",
    "type": "invalid_type",
    "enum": "not_allowed",
    "format": "invalid_format",
    "pattern": "invalid_format",
    "minLength": "invalid_length",
    "maxLength": "invalid_length",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
}
DETAILS = {
    "type": "must be of type {}",
    "enum": "must be one of {}",
    "format": "must be a valid {}",
    "minLength": "must have at least {} character(s)",
    "maxLength": "must have at most {} character(s)",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "maxItems": "must have at most {} item(s)",
    "maxProperties": "must have at most {} member(s)",
}


def is_email(value: object) -> bool:
    """Whether a string is a plausible mailbox (RFC 5321, without quoted local parts)."""
    return not isinstance(value, str) or re.fullmatch(MAILBOX, value) is not None


def is_date(value: object) -> bool:
    """Whether a string is a `full-date` of RFC 3339."""
    if not isinstance(value, str):
        return True
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is not None and bool(
            dt.date.fromisoformat(value)
        )
    except ValueError:
        return False


FORMATS.checks("email")(is_email)
FORMATS.checks("date")(is_date)


@cache
def validator(resource: ServedResource, purpose: Purpose) -> Draft202012Validator:
    """The compiled schema of a request."""
    return Draft202012Validator(resource.schema(purpose), format_checker=FORMATS)


class Validator:
    """Reports all failing fields together."""

    def check(self, call: Call, document: Any, purpose: Purpose) -> None:
        """422 where the document breaks the schema (RFC 9110 section 15.5.21)."""
        failures = self.failures(call.resource, document, purpose)
        if failures:
            self.refuse(call, failures)

    def failures(self, resource: ServedResource, document: Any, purpose: Purpose) -> list[dict[str, str]]:
        """Every failure of the document, in a stable order."""
        found = [
            f for error in validator(resource, purpose).iter_errors(document) for f in self.explain(error)
        ]
        return sorted(found, key=lambda failure: (failure["pointer"], failure["code"]))

    def explain(self, error: ValidationError) -> Iterator[dict[str, str]]:
        """One entry for each field that an error of the schema concerns."""
        path = [str(step) for step in error.absolute_path]
        keyword = str(error.validator)
        expected: Any = error.validator_value
        value: Any = error.instance
        if keyword == "required":
            # jsonschema reports each missing name apart, and names it only in its message.
            name = next(n for n in expected if error.message.startswith(repr(n)))
            yield self.failure([*path, name], "required", "is required")
        elif keyword == "additionalProperties" and expected is False:
            known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
            for name in value:
                if name not in known:
                    yield self.failure([*path, name], "unknown_field", "is not a known field")
        else:
            text = " or ".join(map(str, expected)) if isinstance(expected, list) else str(expected)
            detail = DETAILS.get(keyword, "is not valid").format(text)
            yield self.failure(path, CODES.get(keyword, "invalid"), detail)

    def failure(self, path: list[str], code: str, detail: str) -> dict[str, str]:
        """An entry of the errors member; pointer is a JSON Pointer (RFC 6901)."""
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
        return {"pointer": pointer, "field": ".".join(path), "code": code, "detail": detail}

    def refuse(self, call: Call, failures: list[dict[str, str]]) -> NoReturn:
        """422 naming the failing fields."""
        raise Problem("validation_failed", f"{len(failures)} field(s) are not valid.", errors=failures)
