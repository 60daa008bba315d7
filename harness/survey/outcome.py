"""What the survey found; passed to the rules and to the workers of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from harness.client.claims import Before, Touched
from harness.http.contract import Contract
from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.survey.openapi.promises import Promises
from harness.survey.openapi.security import MissingCredential
from harness.survey.suspicion import Learnt, Suspicion


@dataclass(frozen=True)
class Trigger:
    """An error that the survey provoked.

    Attributes:
        kind: what was wrong with the request, such as `malformed JSON`.
        exchange: id of the exchange.
        resource: name of the resource it was sent to.
    """

    kind: str
    exchange: str
    resource: str | None = None


@dataclass(frozen=True)
class Unsurveyed:
    """A collection that was found and not surveyed.

    Attributes:
        name: as in `only`.
        collection: its path.
        methods: documented methods of the collection and of its items, such as `GET POST, GET DELETE`.
        because: why it was not surveyed.
    """

    name: str
    collection: str
    methods: str
    because: str


@dataclass(frozen=True)
class EarlierDocument:
    """The OpenAPI document of an earlier run, as its report keeps it.

    Attributes:
        file: where it can be read during the run.
        name: of which run, in words.
    """

    file: str
    name: str


@dataclass
class Survey:
    """Everything that was found before the first rule runs.

    Attributes:
        profile: declared and inferred.
        exchanges: of the survey, in order; what passive rules judge.
        triggers: the errors among them that were provoked on purpose.
        openapi: where the OpenAPI document was found.
        documented: methods by path template, relative to the target URL.
        written: the path of the document for each of these.
        warnings: what the user should know.
        sample_ids: id of an item by resource, which shows the form of ids.
        suspicions: what is declared or expected, and denied by the target's responses.
        learnt: what was taken as normal because the target answered so.
        templates: paths with parameters, by resource, of those below an item that was created for the run.
        linked: resources whose create body refers to items that were created for the run.
        promises: what the document promises about responses and parameters.
        secured: operations for which the document requires a credential, such as `GET /orders`; without those that also
            accept none.
        missing: credentials that are required and that the run does not have.
        leftovers: URLs of what the survey created and could not remove.
        before: what each collection listed before the first create there, by its URL, where that was seen.
        touched: existing items that creates have changed.
        accepting: what showed that the profile's `accept` is needed.
        unsurveyed: collections that were found and not surveyed, the most promising first.
        contract: the responses that the document has for each operation.
        earlier: the document of an earlier run.
    """

    profile: Profile
    exchanges: list[Exchange] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    openapi: str | None = None
    documented: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    sample_ids: dict[str, str] = field(default_factory=dict)
    leftovers: list[str] = field(default_factory=list)
    suspicions: list[Suspicion] = field(default_factory=list)
    learnt: list[Learnt] = field(default_factory=list)
    templates: dict[str, dict[str, str]] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)
    promises: Promises = field(default_factory=Promises)
    secured: list[str] = field(default_factory=list)
    missing: list[MissingCredential] = field(default_factory=list)
    accepting: str = ""
    before: dict[str, Before] = field(default_factory=dict)
    touched: list[Touched] = field(default_factory=list)
    unsurveyed: list[Unsurveyed] = field(default_factory=list)
    contract: Contract = field(default_factory=Contract)
    earlier: EarlierDocument | None = None

    def triggered(self, *kinds: str) -> list[tuple[Trigger, Exchange]]:
        """The provoked errors of the given kinds, or all, with their exchanges."""
        by_id = {exchange.id: exchange for exchange in self.exchanges}
        return [
            (trigger, by_id[trigger.exchange])
            for trigger in self.triggers
            if (not kinds or trigger.kind in kinds) and trigger.exchange in by_id
        ]

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Survey:
        return _ADAPTER.validate_json(text)


_ADAPTER: TypeAdapter[Survey] = TypeAdapter(Survey)
