"""Fixtures for rules: registered only when there is a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.client import Client
from harness.limits.probe import QuotaUnderTest
from harness.profile import Profile
from harness.resource import ResourceUnderTest
from harness.session import ConformanceSession
from harness.survey.outcome import Survey
from harness.target import Target


def _session(config: pytest.Config) -> ConformanceSession:
    return cast(ConformanceSession, config.pluginmanager.get_plugin("conformance-session"))


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Client:
    """Sends requests to the target, under the credential of the rule's resource; see `harness.client.Client`."""
    session, callspec = _session(request.config), getattr(request.node, "callspec", None)
    name = callspec.params.get("resource") if callspec is not None else None
    return session.client if name is None else session.resource(name).client


@pytest.fixture
def target(pytestconfig: pytest.Config) -> Target:
    """The API under test."""
    return _session(pytestconfig).target


@pytest.fixture
def profile(pytestconfig: pytest.Config) -> Profile:
    """Everything known of the target: what the user wrote, and what the survey found."""
    return _session(pytestconfig).survey.profile


@pytest.fixture
def survey(pytestconfig: pytest.Config) -> Survey:
    """The survey's exchanges, for rules that judge what was seen without sending anything."""
    return _session(pytestconfig).survey


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> ResourceUnderTest:
    """A resource that has what the rule needs; the rule runs once for each."""
    return _session(request.config).resource(request.param)


@pytest.fixture
def quota(request: pytest.FixtureRequest) -> QuotaUnderTest:
    """A rate limit; the rule runs once for each that is known."""
    return _session(request.config).quota(request.param)


@pytest.fixture
def make_quota(pytestconfig: pytest.Config) -> Callable[[str], QuotaUnderTest]:
    """Gives a rate limit by its name, for rules about all that was seen."""
    return _session(pytestconfig).quota


@pytest.fixture
def make_resource(pytestconfig: pytest.Config) -> Callable[[str], ResourceUnderTest]:
    """Gives another resource by its name, for rules that need two."""
    return _session(pytestconfig).resource
