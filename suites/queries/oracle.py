"""What a list should show for a query: an order, a filter, a selection of members. Pure.

1. Texts have no one order: code points, case folded, without accents are all lawful, as long as one of them explains
   the whole list.
2. Null and absent values come first or last, and together.
3. A filter by a text may ignore case and accents, and may accept a part of the value, unless the document says that it
   is exact.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .parameters import Filter, Sign

ALWAYS = frozenset(
    (
        *("id", "_id", "uid", "uuid", "key", "type", "kind", "object", "links", "_links", "meta", "_meta"),
        *("self", "href", "url", "uri", "etag", "_etag", "schemas", "relationships"),
    )
)
"""Members that an API may show whatever is selected; those that begin with `@` as well."""


def folded(text: str) -> str:
    """A text without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))


KEYS: Mapping[str, Callable[[str], Any]] = {
    "code points": lambda text: text,
    "case folded": str.casefold,
    "upper case": str.upper,
    "without accents": lambda text: "".join(
        one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)
    ),
    "without case and accents": folded,
}
"""Orders of texts that are in use, by name."""


def direction(values: Sequence[Any]) -> frozenset[str]:
    """The ways in which values are sorted: `up`, `down`, both where all are equal, none where they are not sorted.

    Args:
        values: numbers, or texts of letters and digits; None where an item has no value.
    """
    found: frozenset[str] = frozenset()
    for keyed in _keyed(values):
        pairs = list(itertools.pairwise(keyed))
        up, down = all(a <= b for a, b in pairs), all(a >= b for a, b in pairs)
        found |= frozenset(name for name, holds in (("up", up), ("down", down)) if holds)
    return found


def _keyed(values: Sequence[Any]) -> list[list[Any]]:
    there = [one for one in values if one is not None]
    if nulls_between(values):
        return []
    if all(isinstance(one, str) for one in there):
        return [[key(one) for one in there] for key in KEYS.values()]
    return [there] if all(is_number(one) for one in there) else []


def nulls_between(values: Sequence[Any]) -> bool:
    """Whether items without a value are among those that have one."""
    runs = [null for null, _ in itertools.groupby(one is None for one in values)]
    return runs.count(True) > 1 or (len(runs) == 3 and runs[1])


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def order_fault(values: Sequence[Any], way: str) -> str:
    """Why a list is not in the order asked for; empty where it is.

    Args:
        way: `up` or `down`.
    """
    found = direction(values)
    if way in found:
        return ""
    if found:
        return "in the reverse order"
    if nulls_between(values):
        return "with items that have no value among those that have one"
    numbers = [one for one in values if one is not None]
    if all(is_number(one) for one in numbers) and direction([str(one) for one in numbers]):
        return "in the order of texts, not of numbers"
    return "in no order of that member"


def pages_fault(ids: Sequence[str], values: Mapping[str, Any]) -> str:
    """Why the pages of a sorted list do not follow each other; empty where they do.

    Items with equal values are left out: PAGE-006 judges ties.

    Args:
        ids: of the items on all pages.
        values: of the member, by the id of the item.
    """
    texts = [str(value) for value in values.values()]
    single = [id for id, value in values.items() if texts.count(str(value)) == 1]
    if missing := [id for id in single if id not in ids]:
        return f"without the one whose value is {values[missing[0]]!r}"
    if twice := [id for id in single if list(ids).count(id) > 1]:
        return f"with the one whose value is {values[twice[0]]!r} on two pages"
    return ""


def chosen(one: Filter, value: Any, values: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Ids of items that a filter must show, and of those that it may show.

    Args:
        value: asked for.
        values: of the member, by the id of the item.
    """
    must = {id for id, shown in values.items() if _surely(one.sign, shown, value)}
    may = {id for id, shown in values.items() if _perhaps(one, shown, value)}
    return must, must | may


def _surely(sign: str, shown: Any, value: Any) -> bool:
    if shown is None:
        return False
    if sign == "eq":
        return bool(shown == value)
    signs: Mapping[str, Callable[[Any, Any], bool]] = {
        "ge": lambda a, b: a >= b,
        "le": lambda a, b: a <= b,
        "gt": lambda a, b: a > b,
        "lt": lambda a, b: a < b,
        "from": lambda a, b: a > b,
        "to": lambda a, b: a < b,
    }
    return signs[sign](shown, value)


def _perhaps(one: Filter, shown: Any, value: Any) -> bool:
    if one.sign == "eq" and isinstance(shown, str) and isinstance(value, str):
        return folded(value) == folded(shown) if one.whole else folded(value) in folded(shown)
    return one.sign in ("from", "to") and bool(shown == value)


def filter_fault(one: Filter, value: Any, values: Mapping[str, Any], ids: Iterable[str]) -> str:
    """Why the items that a list shows are not those that were asked for; empty where they are."""
    must, may = chosen(one, value, values)
    shown = {id for id in ids if id in values}
    if wrong := sorted(shown - may):
        return f"with an item whose {one.member} is {values[wrong[0]]!r}"
    if lacking := sorted(must - shown):
        return f"without the item whose {one.member} is {values[lacking[0]]!r}"
    return ""


def explained_by(
    one: Filter, seen: Sequence[tuple[Any, Collection[str] | None]], values: Mapping[str, Any]
) -> str:
    """The bound by which a filter for equal numbers can be explained, though not as such a filter; else empty.

    Args:
        seen: values that were asked for, each with the ids that were listed.
    """
    if one.sign != "eq" or not all(is_number(value) for value, _ in seen):
        return ""

    def holds(filter: Filter) -> bool:
        return all(not filter_fault(filter, value, values, found or ()) for value, found in seen)

    bounds: tuple[Sign, ...] = ("ge", "le", "gt", "lt")
    return "" if holds(one) else next((sign for sign in bounds if holds(replace(one, sign=sign))), "")


def flag_fault(yes: set[str], no: set[str], values: Mapping[str, bool], exact: bool) -> str:
    """Why a boolean parameter does not select by the member of its name; empty where it may.

    Args:
        yes, no: ids of the items that are listed with `true` and with `false`.
        values: of the member, by the id of the item.
        exact: whether the document says that both values select; else `true` may narrow the list to such items, or
            widen it to all, with `false` for the contrary.
    """
    true = {id for id, value in values.items() if value}
    false = set(values) - true
    yes, no = yes & set(values), no & set(values)
    allowed = [(true, false), *([] if exact else [(true, true | false), (true | false, false)])]
    if (yes, no) in allowed:
        return ""
    if yes == no:
        return "both list the same items" if yes else "neither lists an item"
    for asked, shown, own in ((True, yes, true), (False, no, false)):
        if own - shown:
            return f"{str(asked).lower()} does not list the item that has it"
    return f"{'true' if yes != true else 'false'} lists an item that has the other value"


def not_a_filter(everything: Collection[str], seen: Sequence[Collection[str] | None]) -> str:
    """Why a parameter that nothing declares is no filter of the kind that its name suggests; empty if it may be one.

    Args:
        everything: ids of the items.
        seen: what was listed with each value.
    """
    if all(found is not None and set(found) == set(everything) for found in seen):
        return "has no effect"
    if not any(seen):
        return "selects nothing, as a parameter of another meaning may"
    return ""


def is_always_shown(name: str, keys: Collection[str]) -> bool:
    """Whether a member may be shown whatever is selected: the key, links, types.

    Args:
        keys: names of the members that identify an item.
    """
    return name.lower() in ALWAYS or name in keys or name.startswith("@")


def _shown_unasked(
    shown: Mapping[tuple[str, ...], Mapping[str, Any]],
    extra: Mapping[tuple[str, ...], set[str]],
    sent: Collection[str],
) -> set[str]:
    """Members that are shown with every selection, such as the version of the item.

    One that some selections ask for is among them only if the server sets it, and another one that they ask for is left
    out elsewhere: else the selection has no effect.
    """
    always = set.intersection(*extra.values()) if extra else set()
    asked = {name for names in shown for name in names}
    unasked = {
        name for name in asked if all(name in item for names, item in shown.items() if name not in names)
    }
    return always | unasked.difference(sent) if asked - unasked else always


def selection_fault(
    whole: Mapping[str, Any],
    shown: Mapping[tuple[str, ...], Mapping[str, Any]],
    keys: Collection[str] = ("id",),
    sent: Collection[str] = (),
) -> str:
    """Why what is shown is not what was selected; empty where it is.

    Args:
        whole: the item with all its members.
        shown: the item as each selection showed it.
        keys: names of the members that identify the item.
        sent: names of the members that clients set.
    """
    extra = {
        asked: {name for name in item if name not in asked and not is_always_shown(name, keys)}
        for asked, item in shown.items()
    }
    always = _shown_unasked(shown, extra, sent)
    for asked, item in shown.items():
        words = ", ".join(asked)
        lacking = [name for name in asked if name not in item]
        if lacking:
            return f"the selection of {words} lacks {', '.join(lacking)}"
        if more := sorted(extra[asked] - always):
            if set(item) >= set(whole):
                return f"the selection of {words} shows all {len(item)} members"
            return f"the selection of {words} shows {', '.join(more)} as well"
        differing = [name for name in asked if item[name] != whole[name]]
        if differing:
            name = differing[0]
            return f"{name} is {item[name]!r} in the selection of {words}, and {whole[name]!r} without one"
    return ""
