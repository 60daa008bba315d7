"""The description tells the truth."""

from __future__ import annotations

from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for


def test_every_path_and_method_is_described(base_url: str, alice: httpx.Client) -> None:
    document = httpx.get(base_url + "/openapi.json").json()
    for template, path in document["paths"].items():
        allowed = set(alice.options(template.format(id="x", code="not_found")).headers["Allow"].split(", "))
        # OpenAPI has QUERY from 3.2 on; the document says in words that it is there.
        assert allowed - {"QUERY"} == {m.upper() for m in path if m != "parameters"} | {"OPTIONS"} | (
            {"HEAD"} if "get" in path else set()
        )


def test_references_resolve_and_schemas_are_valid(base_url: str) -> None:
    document = httpx.get(base_url + "/openapi.json").json()

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                target = document
                for step in node["$ref"].removeprefix("#/").split("/"):
                    target = target[step]
            for child in node.values():
                visit(child)
        elif isinstance(node, list):
            for child in node:
                visit(child)

    visit(document)
    for schema in document["components"]["schemas"].values():
        validator_for(schema, Draft202012Validator).check_schema(schema)


def test_examples_are_accepted_and_representations_fit(base_url: str, alice: httpx.Client) -> None:
    document = httpx.get(base_url + "/openapi.json").json()
    for path in ("/orders", "/payments", "/products", "/documents"):
        operation = document["paths"][path]["post"]
        example = operation["requestBody"]["content"]["application/json"]["example"]
        reply = alice.post(path, json=example, headers={"Idempotency-Key": path})
        assert reply.status_code == 201, reply.text
        name = operation["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[
            2
        ]
        Draft202012Validator(document["components"]["schemas"][name]).validate(reply.json())
        assert set(operation["responses"]["201"]["headers"]) - {"Idempotent-Replayed"} <= {
            key
            for key in ("Location", "ETag", "Last-Modified", "X-Request-Id", "X-Content-Type-Options")
            if key in reply.headers
        }


def test_the_root_points_to_the_description(alice: httpx.Client) -> None:
    assert alice.get("/").links["service-desc"]["url"] == "/v1/openapi.json"
