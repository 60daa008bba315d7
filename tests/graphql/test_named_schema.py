"""The schema that a profile names, for endpoints that refuse introspection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import introspection_from_schema

from harness.__main__ import main
from harness.bad_input import BadInput
from harness.profile.graphql_schema import parsed
from harness.profile.models import GraphQL
from harness.reference import ALICE, BOB
from harness.reference.graphql_endpoint import GraphqlEndpoint, Refused
from harness.reference.graphql_schema import SDL, schema
from harness.rules.checks import Undecided
from harness.run.named_schema import schema_text
from suites.graphql.endpoint import Endpoint
from tests.clients import client_of
from tests.graphql.defects import RemovesAny
from tests.matrix.running import run
from tests.matrix.serving import served
from tests.matrix.trials import SUITES

RULES = [one for one in SUITES if one.parent.name == "graphql"]
ALICE_FIELDS = {"Authorization": f"Bearer {ALICE}"}
NEEDING = ("GQL-005", "GQL-006", "GQL-009", "GQL-010")


def test_a_schema_in_its_own_language() -> None:
    assert "Note" in parsed(SDL).type_map


def test_the_schema_of_a_federated_service_has_directives_of_its_own() -> None:
    assert parsed('type Query { a: A } type A @key(fields: "id") { id: ID! }').query_type is not None


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_schema_as_introspection_returns_it(wrapped: bool) -> None:
    shown: Any = introspection_from_schema(schema())
    assert "Note" in parsed(json.dumps({"data": shown} if wrapped else shown)).type_map


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Unexpected <EOF>"),
        ("<!DOCTYPE html>", "Syntax Error"),
        ("type Query {", "Expected Name"),
        ("type Query { a: Nothing }", "Unknown type"),
        ("type Other { a: Int }", "no type for queries"),
        ("{", "neither JSON nor a schema"),
        ("[" * 5000, "neither JSON nor a schema"),
        ('{"openapi": "3.1.0"}', "no result of introspection"),
        ('{"errors": [{"message": "introspection is disabled"}]}', "no result of introspection"),
        ('{"__schema": {"types": []}}', "no type for queries"),
    ],
)
def test_what_is_no_schema_is_said_in_one_line(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        parsed(text)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_used_names_the_key(tmp_path) -> None:
    given = GraphQL(url="/graphql", schema_file="schema.graphql")
    with pytest.raises(BadInput, match=r"graphql.schema_file: schema.graphql cannot be read"):
        schema_text(given, "conformance.toml", tmp_path)
    (tmp_path / "schema.graphql").write_bytes(b"type Query { \xff }")
    with pytest.raises(BadInput, match="it is not UTF-8"):
        schema_text(given, "conformance.toml", tmp_path)
    (tmp_path / "schema.graphql").write_text("type Query {\n  a: }")
    with pytest.raises(BadInput, match=r"is no GraphQL schema: .* at line 2"):
        schema_text(given, "conformance.toml", tmp_path)
    assert schema_text(None, "conformance.toml", tmp_path) is None


def test_the_command_checks_the_schema_too(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conformance.toml").write_text('[graphql]\nschema_file = "none.graphql"\n')
    assert main(["check"]) == 4
    assert "graphql.schema_file: none.graphql cannot be read" in capsys.readouterr().err
    (tmp_path / "none.graphql").write_text(SDL)
    assert main(["check"]) == 0


class Closed(GraphqlEndpoint):
    """Introspection is refused, as many deployments do."""

    def document(self, text: str) -> Any:
        if "__schema" in text:
            raise Refused(400)
        return super().document(text)


class ClosedAndCareless(Closed, RemovesAny):
    """A note of others can be removed, and the schema is not shown."""


def test_without_a_schema_the_key_is_named() -> None:
    with (
        served({"graphql": Closed}) as url,
        client_of(url, headers=ALICE_FIELDS) as client,
        pytest.raises(Undecided, match=r"set `schema_file` in \[graphql\]"),
    ):
        Endpoint(client, client.url("/graphql"), "the test").needed_schema()


def test_rules_work_where_introspection_is_refused(tmp_path) -> None:
    (tmp_path / "schema.graphql").write_text(SDL)
    profile = f"""
        only = ["documents"]
        graphql = {{ schema_file = "{tmp_path}/schema.graphql" }}
        [credentials.other]
        bearer = "{BOB}"
    """
    only = " or ".join(f"rule(code='{rule}')" for rule in NEEDING)
    with served({"graphql": ClosedAndCareless}) as url:
        report = run(url, "-m", only, suites=RULES, profile=profile)
    assert not report.leftovers
    seen = {one.rule: one.verdict.value for one in report.findings}
    assert seen == {**dict.fromkeys(NEEDING, "pass"), "GQL-009": "fail"}
