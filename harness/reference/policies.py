"""The replaceable parts of the API."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.reference.authenticator import Authenticator
from harness.reference.batches import AtomicBatch, BatchLimiter, PartialBatch, SubRequests
from harness.reference.coding import Coding
from harness.reference.conditional import Preconditions
from harness.reference.cors import Cors
from harness.reference.deprecation import Deprecations, Totals
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint, LookupEndpoint, TransitionEndpoint
from harness.reference.errors import Problems
from harness.reference.expansion import Expansion
from harness.reference.extra_endpoints import Catalogue, Description, Jwks, Limited, ProblemTypes, Root
from harness.reference.files import Files
from harness.reference.graphql_endpoint import GraphqlEndpoint
from harness.reference.idempotency import IdempotencyPolicy
from harness.reference.locking import LockingPolicy
from harness.reference.logins import LoginPage
from harness.reference.negotiation import Negotiator
from harness.reference.objects import Objects
from harness.reference.operations import Cancellation, Exports, OperationMonitor, OperationResult, Operations
from harness.reference.overload import Admission, Rates
from harness.reference.pagination import Numbered, Paginator
from harness.reference.patch import Patcher
from harness.reference.presigned import Presigned
from harness.reference.query_method import Queries
from harness.reference.rate_limits import Limiter
from harness.reference.reader import Reader
from harness.reference.realtime import Realtime
from harness.reference.representation import Representation
from harness.reference.resources import RESOURCES, ServedResource
from harness.reference.resumable import Resumable
from harness.reference.routing import Router
from harness.reference.searching import SearchEndpoint
from harness.reference.selection import Selection
from harness.reference.sessions import Admin, Logins, SessionCookies, Sessions
from harness.reference.tokens import Tokens
from harness.reference.tus import Tus
from harness.reference.validation import Validator
from harness.reference.versions import SecondVersion, Statement
from harness.reference.webhooks import Webhooks
from harness.reference.wire import WirePolicy


@dataclass(frozen=True)
class Policies:
    """One object for each concern; `dataclasses.replace` exchanges some of them.

    Attributes:
        resources: what the API is about.
    """

    router: Router = field(default_factory=Router)
    wire: WirePolicy = field(default_factory=WirePolicy)
    problems: Problems = field(default_factory=Problems)
    authenticator: Authenticator = field(default_factory=Authenticator)
    tokens: Tokens = field(default_factory=Tokens)
    sessions: Sessions = field(default_factory=Sessions)
    negotiator: Negotiator = field(default_factory=Negotiator)
    coding: Coding = field(default_factory=Coding)
    reader: Reader = field(default_factory=Reader)
    validator: Validator = field(default_factory=Validator)
    representation: Representation = field(default_factory=Representation)
    selection: Selection = field(default_factory=Selection)
    preconditions: Preconditions = field(default_factory=Preconditions)
    locking: LockingPolicy = field(default_factory=LockingPolicy)
    idempotency: IdempotencyPolicy = field(default_factory=IdempotencyPolicy)
    patcher: Patcher = field(default_factory=Patcher)
    paginator: Paginator = field(default_factory=Paginator)
    numbered: Numbered = field(default_factory=Numbered)
    limiter: Limiter = field(default_factory=Limiter)
    collection: CollectionEndpoint = field(default_factory=CollectionEndpoint)
    item: ItemEndpoint = field(default_factory=ItemEndpoint)
    transitions: TransitionEndpoint = field(default_factory=TransitionEndpoint)
    lookup: LookupEndpoint = field(default_factory=LookupEndpoint)
    searching: SearchEndpoint = field(default_factory=SearchEndpoint)
    limited: Limited = field(default_factory=Limited)
    admission: Admission = field(default_factory=Admission)
    rates: Rates = field(default_factory=Rates)
    root: Root = field(default_factory=Root)
    description: Description = field(default_factory=Description)
    problem_types: ProblemTypes = field(default_factory=ProblemTypes)
    resources: tuple[ServedResource, ...] = RESOURCES
    jwks: Jwks = field(default_factory=Jwks)
    cors: Cors = field(default_factory=Cors)
    cookies: SessionCookies = field(default_factory=SessionCookies)
    logins: Logins = field(default_factory=Logins)
    login_page: LoginPage = field(default_factory=LoginPage)
    admin: Admin = field(default_factory=Admin)
    deprecations: Deprecations = field(default_factory=Deprecations)
    totals: Totals = field(default_factory=Totals)
    catalogue: Catalogue = field(default_factory=Catalogue)
    graphql: GraphqlEndpoint = field(default_factory=GraphqlEndpoint)
    operations: Operations = field(default_factory=Operations)
    exports: Exports = field(default_factory=Exports)
    monitor: OperationMonitor = field(default_factory=OperationMonitor)
    result: OperationResult = field(default_factory=OperationResult)
    cancellation: Cancellation = field(default_factory=Cancellation)
    webhooks: Webhooks = field(default_factory=Webhooks)
    realtime: Realtime = field(default_factory=Realtime)
    files: Files = field(default_factory=Files)
    tus: Tus = field(default_factory=Tus)
    resumable: Resumable = field(default_factory=Resumable)
    presigned: Presigned = field(default_factory=Presigned)
    objects: Objects = field(default_factory=Objects)
    partial_batch: PartialBatch = field(default_factory=PartialBatch)
    atomic_batch: AtomicBatch = field(default_factory=AtomicBatch)
    sub_requests: SubRequests = field(default_factory=SubRequests)
    batch_limiter: BatchLimiter = field(default_factory=BatchLimiter)
    queries: Queries = field(default_factory=Queries)
    expansion: Expansion = field(default_factory=Expansion)
    second: SecondVersion = field(default_factory=SecondVersion)
    statement: Statement = field(default_factory=Statement)
