"""The replaceable parts of the API."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.reference.authenticator import Authenticator
from harness.reference.coding import Coding
from harness.reference.conditional import Preconditions
from harness.reference.endpoints import Collection, Item, Transitions
from harness.reference.errors import Problems
from harness.reference.extra_endpoints import Description, Jwks, Limited, ProblemTypes, Root
from harness.reference.idempotency import Idempotency
from harness.reference.locking import Locking
from harness.reference.negotiation import Negotiator
from harness.reference.pagination import Numbered, Paginator
from harness.reference.patch import Patcher
from harness.reference.rate_limits import Limiter
from harness.reference.reader import Reader
from harness.reference.representation import Representation
from harness.reference.resources import RESOURCES, Resource
from harness.reference.routing import Router
from harness.reference.sessions import Admin, Logins, Sessions
from harness.reference.tokens import Tokens
from harness.reference.validation import Validator
from harness.reference.wire import Wire


@dataclass(frozen=True)
class Policies:
    """One object for each concern; `dataclasses.replace` exchanges some of them.

    Attributes:
        resources: what the API is about.
    """

    router: Router = field(default_factory=Router)
    wire: Wire = field(default_factory=Wire)
    problems: Problems = field(default_factory=Problems)
    authenticator: Authenticator = field(default_factory=Authenticator)
    tokens: Tokens = field(default_factory=Tokens)
    sessions: Sessions = field(default_factory=Sessions)
    negotiator: Negotiator = field(default_factory=Negotiator)
    coding: Coding = field(default_factory=Coding)
    reader: Reader = field(default_factory=Reader)
    validator: Validator = field(default_factory=Validator)
    representation: Representation = field(default_factory=Representation)
    preconditions: Preconditions = field(default_factory=Preconditions)
    locking: Locking = field(default_factory=Locking)
    idempotency: Idempotency = field(default_factory=Idempotency)
    patcher: Patcher = field(default_factory=Patcher)
    paginator: Paginator = field(default_factory=Paginator)
    numbered: Numbered = field(default_factory=Numbered)
    limiter: Limiter = field(default_factory=Limiter)
    collection: Collection = field(default_factory=Collection)
    item: Item = field(default_factory=Item)
    transitions: Transitions = field(default_factory=Transitions)
    limited: Limited = field(default_factory=Limited)
    root: Root = field(default_factory=Root)
    description: Description = field(default_factory=Description)
    problem_types: ProblemTypes = field(default_factory=ProblemTypes)
    resources: tuple[Resource, ...] = RESOURCES
    jwks: Jwks = field(default_factory=Jwks)
    logins: Logins = field(default_factory=Logins)
    admin: Admin = field(default_factory=Admin)
