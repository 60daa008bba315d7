"""Parameters of a list as conditions of SQL. Pure."""

from __future__ import annotations

from typing import Any

SEARCHED = "$.customer"


def condition_of(name: str, value: str) -> tuple[str, list[Any]]:
    """The condition that a parameter sets, and its values: equality, a bound of a range, or a search."""
    bound, _, member = name.partition("_")
    if bound in ("min", "max") and member:
        sign = ">=" if bound == "min" else "<="
        return f"json_extract(data, ?) {sign} ?", [f"$.{member}", int(value)]
    if name == "q":
        return "instr(lower(json_extract(data, ?)), lower(?)) > 0", [SEARCHED, value]
    return "json_extract(data, ?) = ?", [f"$.{name}", value]
