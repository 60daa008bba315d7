"""Two resources that refer to each other, and a query parameter that embeds one in the other."""

from __future__ import annotations

from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.openapi_parts import errors, get_operation, query

SHOP: Document = {"name": "Demo Shop", "city": "London", "opened": 1843}
OWNER: Document = {"name": "Ada Lovelace", "email": "ada@example.com"}
RELATIONS = {"shop": ("owner", OWNER), "owner": ("shop", SHOP)}
"""The related resource of each, and what it shows."""
OWN = {"shop": SHOP, "owner": OWNER}
DEEPEST = 2


class Expansion:
    """`expand=owner` embeds the related resource, `expand=owner.shop` also what that refers to, and so on."""

    deepest = DEEPEST

    def shop(self, call: Call) -> Reply:
        """The shop, which refers to its owner."""
        return self.shown(call, "shop")

    def owner(self, call: Call) -> Reply:
        """The owner, who refers to the shop."""
        return self.shown(call, "owner")

    def shown(self, call: Call, name: str) -> Reply:
        """One of them, with what the query asks for."""
        asked = call.query.get("expand")
        path = asked.split(".") if asked else []
        self.check(name, path)
        return call.policies.representation.selected(call, self.document(name, path))

    def check(self, name: str, path: list[str]) -> None:
        """400 for a relation that is not there, and for a path that is too deep."""
        if len(path) > self.deepest:
            detail = f"At most {self.deepest} levels can be expanded."
            raise Problem("invalid_parameter", detail, parameter="expand")
        for relation in path:
            if relation != RELATIONS[name][0]:
                detail = f"{name} has no relation {relation[:40]}."
                raise Problem("invalid_parameter", detail, parameter="expand")
            name = relation

    def document(self, name: str, path: list[str]) -> Document:
        """A resource with its relation, embedded as far as the path goes."""
        relation = RELATIONS[name][0]
        link = {"href": f"/v1/{relation}"}
        embedded = self.embedded(relation, path[1:]) if path else {}
        return {**OWN[name], relation: link | embedded}

    def embedded(self, name: str, path: list[str]) -> Document:
        """A related resource as it is embedded: as a GET shows it."""
        return self.document(name, path)


def paths() -> dict[str, Any]:
    """Both in the document."""
    found = {}
    for name, (relation, _) in RELATIONS.items():
        link = {"type": "object", "required": ["href"], "properties": {"href": {"type": "string"}}}
        schema = {
            "type": "object",
            "required": [*OWN[name], relation],
            "properties": {
                **{member: {"type": "integer" if member == "opened" else "string"} for member in OWN[name]},
                relation: link,
            },
        }
        operation = get_operation(f"get{name.title()}", f"The {name} and its {relation}.", schema)
        text = f"Embed related resources, at most {DEEPEST} levels deep, such as {relation}.{name}."
        operation["parameters"].append(
            query("expand", {"type": "string", "enum": [relation, f"{relation}.{name}"]}, text)
        )
        operation["responses"] |= errors("400")
        found[f"/{name}"] = {"get": operation}
    return found
