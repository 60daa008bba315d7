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

from harness.report.text import count, visible


def policy(style: str, script: str = "") -> str:
    """The content security policy of a page that holds a style and, where there is one, a script."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"


def asset(name: str) -> str:
    """A file that lies beside the templates."""
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
    made.filters["block"] = _block
    made.filters["counted"] = count
    return made


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: Any) -> Any:
    """Applied to every value that a template puts out."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Markup:
    """Text for the inside of an element: quotes stay as they are, which keeps JSON a third shorter."""
    return Markup(visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
