"""Fixtures for rules, registered only if there is a target.

Each has a short name, for rules of a user, and a name with the prefix `conformance_`, which nobody overrides by
accident: shipped rules get the latter (`arguments.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile
from harness.quota.probe import QuotaUnderTest
from harness.resource.resource import ResourceUnderTest
from harness.run.arguments import RESOURCE
from harness.run.session import ConformanceSession
from harness.survey.outcome import Survey
from harness.target.target import Target


def _session(request: pytest.FixtureRequest) -> ConformanceSession:
    return cast(ConformanceSession, request.config.pluginmanager.get_plugin("conformance-session"))


@pytest.fixture
def conformance_client(request: pytest.FixtureRequest) -> Client:
    """Sends requests to the target, under the credential of the rule's resource; see `harness.client.client.Client`."""
    session, callspec = _session(request), getattr(request.node, "callspec", None)
    name = callspec.params.get(RESOURCE) if callspec is not None else None
    return session.client if name is None else session.resource(name).client


@pytest.fixture
def conformance_target(request: pytest.FixtureRequest) -> Target:
    """The API under test."""
    return _session(request).target


@pytest.fixture
def conformance_profile(request: pytest.FixtureRequest) -> Profile:
    """The profile of the target: what the user wrote, completed by what the survey found."""
    return _session(request).survey.profile


@pytest.fixture
def conformance_survey(request: pytest.FixtureRequest) -> Survey:
    """The survey, for rules that judge its exchanges without sending anything."""
    return _session(request).survey


@pytest.fixture
def conformance_resource(request: pytest.FixtureRequest) -> ResourceUnderTest:
    """A resource that has what the rule needs; the rule runs once for each."""
    return _session(request).resource(request.param)


@pytest.fixture
def conformance_quota(request: pytest.FixtureRequest) -> QuotaUnderTest:
    """A rate limit; the rule runs once for each."""
    return _session(request).quota(request.param)


@pytest.fixture
def conformance_make_quota(request: pytest.FixtureRequest) -> Callable[[str], QuotaUnderTest]:
    """Gives a rate limit by its name, for rules about all that was seen."""
    return _session(request).quota


@pytest.fixture
def conformance_make_resource(request: pytest.FixtureRequest) -> Callable[[str], ResourceUnderTest]:
    """Gives another resource by its name, for rules that need two."""
    return _session(request).resource


@pytest.fixture
def conformance_subscriptions(request: pytest.FixtureRequest) -> ResourceUnderTest | None:
    """The subscriptions to webhooks; None where the profile does not say how to subscribe."""
    return _session(request).subscriptions


@pytest.fixture
def conformance_ledger(request: pytest.FixtureRequest) -> Ledger:
    """What the run has created outside of resources, such as files; it is removed when the rule ends."""
    return _session(request).ledger


@pytest.fixture
def client(conformance_client: Client) -> Client:
    """Short for `conformance_client`."""
    return conformance_client


@pytest.fixture
def target(conformance_target: Target) -> Target:
    """Short for `conformance_target`."""
    return conformance_target


@pytest.fixture
def profile(conformance_profile: Profile) -> Profile:
    """Short for `conformance_profile`."""
    return conformance_profile


@pytest.fixture
def survey(conformance_survey: Survey) -> Survey:
    """Short for `conformance_survey`."""
    return conformance_survey


@pytest.fixture
def resource(conformance_resource: ResourceUnderTest) -> ResourceUnderTest:
    """Short for `conformance_resource`."""
    return conformance_resource


@pytest.fixture
def quota(conformance_quota: QuotaUnderTest) -> QuotaUnderTest:
    """Short for `conformance_quota`."""
    return conformance_quota


@pytest.fixture
def make_quota(conformance_make_quota: Callable[[str], QuotaUnderTest]) -> Callable[[str], QuotaUnderTest]:
    """Short for `conformance_make_quota`."""
    return conformance_make_quota


@pytest.fixture
def make_resource(
    conformance_make_resource: Callable[[str], ResourceUnderTest],
) -> Callable[[str], ResourceUnderTest]:
    """Short for `conformance_make_resource`."""
    return conformance_make_resource


@pytest.fixture
def subscriptions(conformance_subscriptions: ResourceUnderTest | None) -> ResourceUnderTest | None:
    """Short for `conformance_subscriptions`."""
    return conformance_subscriptions


@pytest.fixture
def ledger(conformance_ledger: Ledger) -> Ledger:
    """Short for `conformance_ledger`."""
    return conformance_ledger
