"""Which parameters of a list select, sort, filter and search: by the document, and by the kind of API. Pure.

A parameter that only the kind of API suggests is not declared: it is judged where it has an effect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.http.path_templates import matches
from harness.lists.selection import NAMES, selects
from harness.profile.models import Resource
from harness.survey.infer.page_parameters import SORTS
from harness.survey.openapi.queries import QueryParameter

Family = Literal["json:api", "odata", "scim", "json-server", "feathers", ""]
Query = tuple[tuple[str, str], ...]
Sign = Literal["eq", "ge", "gt", "le", "lt", "from", "to"]
"""`from` and `to` are bounds of which nothing says whether they belong to the range."""

DIRECTIONS = ("order", "_order", "sortOrder", "sort_order", "direction", "dir", "sort_dir", "sortDirection")
SEARCHES = (
    "q",
    "search",
    "$search",
    "_q",
    "search_query",
    "searchTerm",
    "search_term",
    "keyword",
    "keywords",
)
_SAYS_FILTER = re.compile(
    r"\b(filter(s|ed|ing)?|only|equals?|restrict(s|ed)?|select(s|ed)?)\b", re.IGNORECASE
)
_SAYS_LOOSE = re.compile(
    r"search|fuzzy|full.?text|like|similar|relevan|boost|prefer|wildcard|pattern|regex|regular|glob|prefix|contain",
    re.IGNORECASE,
)
_SAYS_WHOLE = re.compile(r"(?<!not )(?<!non-)\b(exact(ly)?|equals|equal to|identical)\b", re.IGNORECASE)
_SAYS_PART = re.compile(
    r"partial|substring|\bparts?\b|fragment|(start|begin|end)(s|ing)? with", re.IGNORECASE
)
_SAYS_BOUND = re.compile(
    r"\b(min(imum)?|max(imum)?|at (least|most)|(more|less|greater|higher|lower|earlier|later) than|above|below|up to"
    r"|since|before|after|until|starting|ending)\b",
    re.IGNORECASE,
)
_SAYS_EXACT = re.compile(r"\b(filter(s|ed|ing)?|whether|equals?|by)\b", re.IGNORECASE)
_SAYS_FLAG = re.compile(r"\b(include|if (true|set)|when (true|set)|show all|return all|also)", re.IGNORECASE)
_SAYS_FROM = re.compile(
    r"\b(on or after|at least|(or|and) (later|newer|more|greater|higher|above)|(not|no) (before|earlier|less|lower))\b"
    r"|>=|\binclu(sive|ding|sively)\b",
    re.IGNORECASE,
)
_SAYS_TO = re.compile(
    r"\b(on or before|at most|(or|and) (earlier|older|less|lower|below)|(not|no) (after|later|more|greater|higher))\b"
    r"|<=|\binclu(sive|ding|sively)\b",
    re.IGNORECASE,
)
_SAYS_OPEN = re.compile(r"exclu|strictly|(not|non)[ -]inclu", re.IGNORECASE)
_SAYS_SEVERAL = re.compile(r"comma|=\s*-?\w+,\s*[-+]?\w+", re.IGNORECASE)
_SAYS_MEMBERS = re.compile(r"field|member|propert|attribut|column|return|projection", re.IGNORECASE)
SURE = ("fields", "$select", "$fields", "_fields")
"""Names of selections that need no description."""
UNKNOWN = "zz_no_such_member"
UNLISTED = "zz_no_such_value"
_SIGNS: Mapping[str, Sign] = {"gte": "ge", "ge": "ge", "gt": "gt", "lte": "le", "le": "le", "lt": "lt"}


@dataclass(frozen=True)
class Sort:
    """How a list is sorted by a member.

    Attributes:
        up: the query for ascending order.
        downs: queries of which one gives descending order.
        declared: whether the document lists the member among the values.
    """

    member: str
    up: Query
    downs: tuple[Query, ...]
    declared: bool


@dataclass(frozen=True)
class Filter:
    """How a list is filtered by a member.

    Attributes:
        form: what the parameter's value looks like, with `{}` for the value of the member.
        quote: what a text is put into.
        declared: whether the document says that the parameter filters.
        whole: whether the document says that it compares whole texts.
    """

    name: str
    member: str
    sign: Sign
    declared: bool
    form: str = "{}"
    quote: str = ""
    whole: bool = False

    def query(self, value: Any) -> Query:
        """The query that asks for a value."""
        text = str(value)
        if self.quote and isinstance(value, str):
            doubled = (
                text.replace("'", "''")
                if self.quote == "'"
                else text.replace("\\", "\\\\").replace('"', '\\"')
            )
            text = f"{self.quote}{doubled}{self.quote}"
        return ((self.name, self.form.replace("{}", text)),)


def of_path(queries: Iterable[QueryParameter], path: str) -> dict[str, QueryParameter]:
    """The parameters of one path, by name."""
    return {one.name: one for one in queries if matches(one.path, path or "/")}


def family(known: Resource) -> Family:
    """The kind of API, by its media type and by how it pages."""
    how = known.pagination
    limit = how.limit_param if how is not None else None
    media = {known.media_type, *known.accepts, *known.offers.get("collection", [])}
    if "application/vnd.api+json" in media:
        return "json:api"
    if limit in ("$top", "maxpagesize") or known.item.endswith("({id})"):
        return "odata"
    if known.items == "/Resources":
        return "scim"
    if limit in ("_limit", "_per_page"):
        return "json-server"
    return "feathers" if limit == "$limit" else ""


def sorts_of(parameters: Mapping[str, QueryParameter], kind: Family, members: Iterable[str]) -> list[Sort]:
    """How the list can be sorted by some of these members."""
    name = next((one for one in SORTS if one in parameters), None)
    found = []
    for member in members:
        if name is not None and parameters[name].values:
            one = _listed(name, parameters[name].values, member)
        elif name is not None:
            one = _free(name, parameters, member)
        else:
            one = _by_family(kind, member)
        if one is not None:
            found.append(one)
    return found


def takes_several(parameters: Mapping[str, QueryParameter], kind: Family, one: Sort) -> bool:
    """Whether the document, or the kind of API, says that the list may be sorted by several members, with commas."""
    if len(one.up) != 1:
        return False
    name = one.up[0][0]
    if name not in parameters:
        return kind in ("json:api", "odata")
    return bool(_SAYS_SEVERAL.search(parameters[name].says)) and not parameters[name].values


def _listed(name: str, values: tuple[str, ...], member: str) -> Sort | None:
    forms = {one.lower(): one for one in reversed(values)}
    ups = (member, f"+{member}", *(f"{member}{between}asc" for between in (":", " ", "_", ".", ",")))
    downs = (f"-{member}", *(f"{member}{between}desc" for between in (":", " ", "_", ".", ",")))
    up = next((forms[one.lower()] for one in ups if one.lower() in forms), None)
    down = next((forms[one.lower()] for one in downs if one.lower() in forms), None)
    if up is None or down is None:
        return None
    return Sort(member, ((name, up),), (((name, down),),), True)


def _free(name: str, parameters: Mapping[str, QueryParameter], member: str) -> Sort:
    """Without listed values nothing says which members the list can be sorted by."""
    beside = next((one for one in DIRECTIONS if one in parameters), None)
    if beside is not None:
        words = {one[:1].lower(): one for one in parameters[beside].values}
        up, down = words.get("a", "asc"), words.get("d", "desc")
        return Sort(member, ((name, member), (beside, up)), (((name, member), (beside, down)),), False)
    downs = [f"-{member}", f"{member} desc", f"{member}:desc", f"{member},desc"]
    if name in ("$orderby", "orderBy", "order_by"):
        downs = [f"{member} desc", f"-{member}"]
    return Sort(member, ((name, member),), tuple(((name, one),) for one in downs), False)


def _by_family(kind: Family, member: str) -> Sort | None:
    if kind == "json:api":
        return Sort(member, (("sort", member),), ((("sort", f"-{member}"),),), False)
    if kind == "odata":
        return Sort(member, (("$orderby", member),), ((("$orderby", f"{member} desc"),),), False)
    if kind == "scim":
        up = (("sortBy", member), ("sortOrder", "ascending"))
        return Sort(member, up, ((("sortBy", member), ("sortOrder", "descending")),), False)
    if kind == "json-server":
        downs = ((("_sort", f"-{member}"),), (("_sort", member), ("_order", "desc")))
        return Sort(member, (("_sort", member),), downs, False)
    if kind == "feathers":
        return Sort(member, ((f"$sort[{member}]", "1"),), (((f"$sort[{member}]", "-1"),),), False)
    return None


def filters_of(
    parameters: Mapping[str, QueryParameter],
    kind: Family,
    members: Mapping[str, str],
    all_of: Collection[str] = (),
) -> list[Filter]:
    """The filters by these members that are exact: no search, no pattern, no bound under the member's own name.

    Args:
        members: `number`, `date` or `text` by name.
        all_of: names of all members: a filter whose description names another one may select by that.
    """
    found = []
    for member, of in members.items():
        for name, sign in (_names(member) | (_days(member) if of == "date" else {})).items():
            one = parameters.get(name)
            if one is None or one.values or _SAYS_LOOSE.search(one.says):
                continue
            if sign != "eq" and of not in ("number", "date"):
                continue
            if name == member and _SAYS_BOUND.search(one.says):
                continue
            words = {each.lower() for each in re.findall(r"\w+", one.says)}
            others = {each.lower() for each in all_of} - {member.lower()}
            declared = name != member or bool(_SAYS_FILTER.search(one.says) and not words & others)
            whole = of == "text" and bool(_SAYS_WHOLE.search(one.says)) and not _SAYS_PART.search(one.says)
            found.append(Filter(name, member, _bounded(sign, one.says), declared, whole=whole))
        found += _filters_by_family(kind, member, of, {one.name for one in found})
    return found


def _bounded(sign: Sign, says: str) -> Sign:
    """A sign by what the document says of the bound: `from` and `to` where it does not say that it is in the range."""
    if _SAYS_OPEN.search(says):
        return sign
    if sign == "from" and _SAYS_FROM.search(says):
        return "ge"
    return "le" if sign == "to" and _SAYS_TO.search(says) else sign


def _names(member: str) -> dict[str, Sign]:
    """Names of parameters that filter by a member."""
    found: dict[str, Sign] = {member: "eq", f"filter[{member}]": "eq", f"filter[where][{member}]": "eq"}
    for word, sign in _SIGNS.items():
        for form in ("{}_{}", "{}__{}", "{}[{}]", "{}[${}]", "filter[{}][{}]", "filter[{}][${}]", "{}.{}"):
            found[form.format(member, word)] = sign
    camel = member[:1].upper() + member[1:]
    for words, sign in ((("min", "from", "at_least"), "from"), (("max", "to", "at_most"), "to")):
        for word in words:
            for name in (f"{word}_{member}", f"{member}_{word}", f"{word}{camel}", f"{word}-{member}"):
                found[name] = sign
    return found


def _days(member: str) -> dict[str, Sign]:
    """Names of parameters that bound a date."""
    camel = member[:1].upper() + member[1:]
    words: Mapping[str, Sign] = {"after": "from", "since": "from", "before": "to", "until": "to"}
    return {
        name: sign
        for word, sign in words.items()
        for name in (
            f"{member}_{word}",
            f"{member}-{word}",
            f"{member}{word.title()}",
            f"{word}{camel}",
            f"{member}__{word}",
        )
    }


def is_loose(one: QueryParameter) -> bool:
    """Whether a parameter selects by something else than the whole value."""
    return bool(_SAYS_LOOSE.search(one.says))


def filters_exactly(one: QueryParameter) -> bool:
    """Whether the document says that a boolean selects by its value, both ways: no flag that only narrows or widens."""
    return bool(_SAYS_EXACT.search(one.says)) and not _SAYS_FLAG.search(one.says)


def _filters_by_family(kind: Family, member: str, of: str, done: set[str]) -> list[Filter]:
    number = of == "number"
    signs: tuple[Sign, ...] = ("eq", "ge", "gt", "le", "lt") if number else ("eq",)
    if kind == "odata":
        return [Filter("$filter", member, sign, False, f"{member} {sign} {{}}", "'") for sign in signs]
    if kind == "scim":
        return [Filter("filter", member, sign, False, f"{member} {sign} {{}}", '"') for sign in signs]
    if kind == "json:api" and f"filter[{member}]" not in done:
        return [Filter(f"filter[{member}]", member, "eq", False)]
    if kind == "json-server" and member not in done:
        pairs: tuple[tuple[Sign, str], ...] = (("ge", f"{member}_gte"), ("le", f"{member}_lte"))
        return [
            Filter(member, member, "eq", False),
            *(Filter(name, member, sign, False) for sign, name in pairs * number),
        ]
    if kind == "feathers" and member not in done:
        some: tuple[tuple[Sign, str], ...] = (("ge", f"{member}[$gte]"), ("lt", f"{member}[$lt]"))
        return [
            Filter(member, member, "eq", False),
            *(Filter(name, member, sign, False) for sign, name in some * number),
        ]
    return []


def fields_of(
    parameters: Mapping[str, QueryParameter], kind: Family, type: str | None
) -> tuple[str, bool, bool] | None:
    """The parameter that selects members: its name, whether it is declared, and whether it is sent repeatedly.

    Args:
        type: of the items, as JSON:API shows it.
    """
    named = [name for name in parameters if selects(name)]
    if kind == "json:api" and type:
        # Documents write `fields` for `fields[TYPE]`.
        return f"fields[{type}]", bool(named), False
    for name in sorted(named, key=lambda one: NAMES.index(one) if one in NAMES else 0):
        one = parameters[name]
        if one.kind in ("string", "") and (name in SURE or "[" in name or _SAYS_MEMBERS.search(one.says)):
            return name, True, one.repeated
    if kind == "odata":
        return "$select", False, False
    return ("attributes", False, False) if kind == "scim" else None


def search_of(parameters: Mapping[str, QueryParameter]) -> QueryParameter | None:
    """The parameter that searches in texts."""
    return next(
        (
            parameters[name]
            for name in SEARCHES
            if name in parameters and parameters[name].kind in ("string", "")
        ),
        None,
    )


def typed(parameters: Mapping[str, QueryParameter], members: Iterable[str]) -> dict[str, str]:
    """Values that parameters which filter cannot have by their documented type, by name."""
    known = {name for member in members for name in _names(member)}
    found = {}
    for name, one in sorted(parameters.items()):
        if name not in known and not (_SAYS_FILTER.search(one.says) and not _SAYS_LOOSE.search(one.says)):
            continue
        value = {"integer": "abc", "number": "abc", "boolean": "maybe"}.get(one.kind)
        if one.kind == "string" and one.format in ("date", "date-time"):
            value = "2024-13-45" if one.format == "date" else "2024-13-45T25:00:00Z"
        if value is not None and value not in one.values:
            found[name] = value
    return found


def unlisted(parameters: Mapping[str, QueryParameter]) -> dict[str, str]:
    """A value that is not among the listed ones, for each parameter that has them, by name."""
    return {
        name: UNLISTED
        for name, one in sorted(parameters.items())
        if one.values and UNLISTED not in one.values
    }


def hopeless(
    parameters: Mapping[str, QueryParameter], kind: Family, type: str | None
) -> list[tuple[str, str, bool | None]]:
    """Parameters with a value that names nothing, and whether refusing it is a MUST (JSON:API); None: free.

    Args:
        type: of the items, as JSON:API shows it.
    """
    found: list[tuple[str, str, bool | None]] = []
    must = kind == "json:api"
    sort = next((one for one in SORTS if one in parameters), "sort" if must else None)
    if sort is not None:
        found.append((sort, UNKNOWN, must))
    fields = fields_of(parameters, kind, type)
    if fields is not None:
        found.append((fields[0], UNKNOWN, None))
    if must:
        found.append(("include", UNKNOWN, True))
    expression = {"odata": "$filter", "scim": "filter"}.get(kind)
    if expression is not None:
        found.append((expression, "((", False))
    return found
