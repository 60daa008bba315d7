"""What HTML pages have in common: the templates' environment, their own files, and the content security policy.

Every value is escaped, after characters that hide or reorder text were replaced; nothing but a page's own style and
script, by hash, may run or be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.report.html.marking import Text
from harness.report.text import bounded, count, visible
from harness.rules.sources import source_uri


def policy(style: str, script: str = "") -> str:
    """The content security policy of a page that holds a style and, where there is one, a script."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"


def asset(name: str) -> str:
    """The text of a file in the folder of the templates."""
    text = resources.files("harness.report").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


@cache
def environment() -> Environment:
    """Templates, and the filters that they use."""
    made = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters["block"] = block
    made.filters["lines"] = _lines
    made.filters["prose"] = _prose
    made.filters["counted"] = count
    made.filters["source"] = source_uri
    made.filters["bounded"] = bounded
    return made


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: Any) -> Any:
    """Applied to every value that a template puts out."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def block(text: str) -> Markup:
    """Text for the inside of an element: quotes stay as they are, which keeps JSON a third shorter."""
    return Markup(visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _prose(text: str) -> Markup:
    """A sentence; what is between backticks is code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(block(part)) if place % 2 and place < len(parts) - 1 else block(part)
        for place, part in enumerate(parts)
    )


def _lines(text: Text) -> Markup:
    """Lines for the inside of an element, those that decide marked."""
    if not text.marked:
        return block("\n".join(text.lines))
    return Markup("\n").join(
        Markup("<mark>{}</mark>").format(block(line)) if place in text.marked else block(line)
        for place, line in enumerate(text.lines)
    )
