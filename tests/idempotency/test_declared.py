"""Where keys are taken: from the OpenAPI document, or from the profile against it."""

from __future__ import annotations

from typing import Any, cast

from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Idempotency, Resource, State
from harness.reference.openapi import describe
from harness.reference.rate_limits import Limiter
from harness.resource.resource import ResourceUnderTest
from harness.survey.infer import infer
from harness.survey.infer.samples import ResourceSamples
from harness.survey.openapi.resources import resources

BODY = {"note": "tea", "request_key": "used once"}
UNDOCUMENTED = Capability(state=State.ABSENT, because="OpenAPI documents no idempotency key on POST /orders")


def declared() -> dict[str, Resource]:
    document: Any = describe(Limiter())
    return {one.name: one for one in resources(document, "")}


def under_test(keyed: Idempotency) -> ResourceUnderTest:
    known = Resource(collection="/orders", body=BODY, idempotency=keyed)
    return ResourceUnderTest(known, cast(Client, None), Ledger())


def test_the_document_says_which_methods_take_a_key() -> None:
    known = {name: one.idempotency for name, one in declared().items()}
    assert known["orders"] == Idempotency(methods=["POST", "PATCH"])
    assert known["payments"] == Idempotency(required=True, methods=["POST"])


def test_a_key_named_in_the_profile_counts_where_the_document_names_none() -> None:
    given = Resource(
        collection="/orders",
        idempotency=Idempotency(body="/request_key"),
        capabilities={"idempotency": UNDOCUMENTED},
    )
    assert infer.resource(given, ResourceSamples()).missing("idempotency") is None


def test_a_key_that_the_profile_denies_is_denied() -> None:
    denied = UNDOCUMENTED.model_copy(update={"because": "the profile says so"})
    given = Resource(collection="/orders", idempotency=Idempotency(), capabilities={"idempotency": denied})
    assert infer.resource(given, ResourceSamples()).missing("idempotency") is not None


def test_a_key_in_the_body_is_another_one_in_each_body() -> None:
    resource = under_test(Idempotency(body="/request_key", required=True))
    one, two = resource.body(), resource.body()
    assert len({one["request_key"], two["request_key"], BODY["request_key"]}) == 3
    assert resource.fields_for_create() == {"Content-Type": "application/json"}


def test_a_key_that_is_not_required_is_not_added_to_a_body() -> None:
    assert under_test(Idempotency(body="/other_key")).body() == BODY


def test_a_required_key_in_a_field_is_sent_with_each_create() -> None:
    resource = under_test(Idempotency(field="X-Key", required=True))
    assert resource.fields_for_create()["X-Key"] != resource.fields_for_create()["X-Key"]
