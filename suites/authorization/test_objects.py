"""AUTH: items of one client and requests of another (OWASP API1:2023, broken object level authorization)."""

from __future__ import annotations

import uuid

from harness import (
    CRITICAL,
    MAJOR,
    MAY,
    MINOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, json_of
from harness.payloads import run_token
from harness.resource.canary import body_with_canary, creates, marked
from harness.rules.causes import PARAMETER_NAMES_OWNER
from harness.rules.checks import Undecided
from harness.survey.openapi.promises import safe_paths_below

from .attempts import attempts, disguised, refused_for_itself, window
from .batches import Batches
from .cached_refusals import still_there
from .judge import REFUSALS, Policy, ids_count_up, unlike, wording
from .listings import exporting, kept, listed_filters, owner_filters, searches, showing, summarised, totals
from .overwriting import by_create
from .principals import Clients, said
from .references import MOST, Link, created_below, links_to, moved_below
from .scopes import counting, declared_public

OWASP = "OWASP API1:2023"
CACHED = (
    "the list should show client A its own item, and does so neither within `consistency_window` nor at a URL that no "
    "cache has (it may be kept longer, or leave items out)"
)
DECLARE = "declare `ownership = true`, or false where clients share them"


def settle(policy, clients):
    """End the rule where items are shared; the level of a breach where they are not."""
    if policy is Policy.SHARED:
        shown = "its list shows it to client B" if clients.asked.listed else "its URL shows it to everybody"
        not_applicable(
            f"clients share the items of {clients.a.name}: client A's item was asked for, and {shown}; if that is not "
            "meant, declare `ownership = true`"
        )
    return MUST if policy in (Policy.OWNED, Policy.READ_BY_ALL) else SHOULD


def reading(clients, victim, survey):
    """Requests of client B that show A's item: what was done, the response, the canary."""
    known = clients.a.known
    paths = [
        path for path in safe_paths_below(known.item, survey.documented) if path != known.item.rstrip("/")
    ]
    # What the document leaves open to everybody is no secret of client A.
    paths = [path for path in paths if not declared_public(path, survey)]
    urls = [victim.url, *(clients.a.client.url(path.replace("{id}", victim.id)) for path in paths)]
    for url in dict.fromkeys(urls):
        if url != victim.url and victim.shown_by(clients.a.client.get(url)) is None:
            continue
        reply = clients.b.client.get(url)
        canary = victim.shown_by(reply)
        if canary is not None:
            yield reply, canary


@rule(
    "AUTH-011",
    MUST,
    refs=[OWASP, "RFC 9110 section 15.5.4"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
    light=True,
)
def test_items_of_other_clients_are_out_of_reach(resource, survey, profile, make_resource):
    """Deny other clients' items on read, write and delete

    Why: whoever has one account reads, changes or deletes the data of all others by putting their ids into a URL.
    Fix: look items up together with their owner (`where id = ? and owner = ?`), in one place that every method uses.
    Probe: client A creates an item with a text of its own. Client B requests it with every method, and by documented
        actions that change only the item or decide of it, such as `cancel`, and client A reads it again after each of
        them. Client B also puts the item's id beside that of an item of its own, where the OpenAPI document has an
        operation that takes ids of several items, or below an item of its own, creates an item below one that it is
        refused, and names it in an item of its own, or as the id of a new one. Whether clients share items is asked
        first: by the list that B is shown, and without credentials.
    """
    clients = Clients(resource)
    victim = clients.victim
    policy = clients.asked.of_item
    level = settle(policy, clients)
    readers = [] if policy is Policy.READ_BY_ALL else list(reading(clients, victim, survey))
    if policy is Policy.UNKNOWN and readers:
        inconclusive(f"client B reads {victim.named}, and nothing shows whether that is meant: {DECLARE}")
    own = said("A", resource.client.get(victim.url))
    batches = Batches(clients, survey, profile)
    beside = [] if readers or policy is Policy.READ_BY_ALL else batches.read()
    changed, open_questions, guarded = [], [], []
    if victim.item is not None:
        changed, open_questions, guarded = writing(clients, victim, profile, survey.promises.actions)
        changed = (
            changed
            or batches.changed()
            or created_below(clients)
            or below_own(clients, profile, make_resource)
        )
        changed = changed or by_create(clients, profile)
    expected = "404 or 403 for client B, and client A's item as it was"
    expect(not changed, expected, "; ".join(changed), level=level, impact=CRITICAL)
    if readers:
        reply, canary = readers[0]
        what = f"client B read {victim.named}: {own}; {said('B', reply)} shows {canary!r}"
        if level is SHOULD and clients.asked.item is False:
            what += "; the item's own URL is refused to client B"
        elif policy is Policy.BELOW:
            what += f"; {said('B', clients.below)} is the item below which it is"
        elif level is SHOULD:
            what += (
                '; the list that client B is shown leaves it out (if reading is meant: `ownership = "write"`)'
            )
        # Items that all may read and only one may change are a policy that an API may have.
        policy_like = policy is Policy.SEPARATE and guarded and clients.asked.item
        expect(False, expected, what, level=level, impact=MAJOR if policy_like else CRITICAL)
    expect(not beside, expected, "; ".join(beside), level=level, impact=CRITICAL)
    headed = None if policy is Policy.READ_BY_ALL else by_head(clients, victim)
    expect(headed is None, "the refusal of GET for HEAD as well", headed, level=level, impact=MAJOR)
    linked = linking(clients, profile, make_resource)
    expect(
        not linked, "4xx, as for an item that does not exist", "; ".join(linked), level=SHOULD, impact=MAJOR
    )
    open_questions += batches.open_questions
    if open_questions:
        inconclusive("; ".join(open_questions))
    evidence(f"{policy.value}; client B was refused {victim.named}")


def below_own(clients, profile, make_resource):
    """What client B did to A's item by a path that begins with an item of its own, a sentence each."""
    name = clients.a.known.parent
    if name is None or name not in {one.name for one in profile.resources} or clients.asked.item is not False:
        return []
    return moved_below(clients, make_resource(name).under(clients.b.client.credential), profile)


def by_head(clients, victim):
    """How client B is shown the fields of A's item although GET is refused, as a sentence, or None."""
    if clients.asked.item is not False:
        return None
    reply, absent = (clients.b.client.head(url) for url in (victim.url, clients.a.absent_url()))
    if not reply.is_success or absent.is_success:
        return None
    return (
        f"client B read the fields of {victim.named}: {said('B', reply)}, {exchange_of(absent).summary()} for one that "
        f"does not exist; {said('B', clients.b.client.get(victim.url))}"
    )


def linking(clients, profile, make_resource):
    """How client B's own items were linked to client A's, a sentence each."""
    if clients.asked.item is not False or clients.victim.item is None or not creates(clients.b):
        return []
    found = []
    for name, member in list(links_to(clients.a.known, profile.resources))[:MOST]:
        other = make_resource(name).under(clients.b.client.credential)
        try:
            said_of = Link(clients, other, member).taken() if creates(other) else None
        except Undecided as problem:
            evidence(f"`{member}` of {name} was not tried: {problem}")
            continue
        found += [said_of] if said_of is not None else []
    return found


def writing(clients, victim, profile, actions):
    """What client B changed of A's item; what could not be decided; and by what it was refused.

    Args:
        actions: of items, that the document has.
    """
    changed, open_questions, guarded = [], [], []
    item = victim.item
    item.prove()
    for attempt in attempts(item, actions):
        reply = attempt.send(clients.b.client)
        summary = said("B", reply)
        if eventually(lambda attempt=attempt: attempt.took(item.get()), window(reply, profile)):
            if attempt.method == "DELETE" and (kept := still_there(clients)) is not None:
                open_questions.append(f"{summary}; {said('A', item.get())}, {kept}")
                break
            changed.append(
                f"client B {attempt.did} {victim.named}: {summary}; {said('A', item.get())} shows it"
            )
            if attempt.method == "DELETE":
                break
            continue
        if reply.status_code in REFUSALS:
            guarded.append(summary)
        elif refused_for_itself(reply) and attempt.method != "DELETE" and attempt.mild:
            answer = attempt.send(item.client)
            if not answer.is_success and reply.status_code != 405:
                open_questions.append(
                    f"{attempt.method} could not be tried as client B: {summary}, and {said('A', answer)}"
                )
    if not changed and creates(clients.b) and clients.collection.status_code not in (401, 403):
        changed += by_content(clients, victim, profile)
    return changed, open_questions, guarded


def by_content(clients, victim, profile):
    """What client B changed of A's item by naming its id in the content of a request to its own URLs."""
    body = body_with_canary(clients.b)
    if not marked(body, run_token.current()):
        # Such an item could not be recognised, and removed, with certainty.
        return []
    try:
        own = clients.b.create(body)
    except Undecided as problem:
        evidence(f"client B could not create an item of its own: {problem}")
        return []
    found = []
    for attempt in disguised(victim.item, own):
        reply = attempt.send(clients.b.client)
        # Once client B's own item shows the write, client A's would show it, too.
        eventually(
            lambda attempt=attempt: attempt.took(own.get()) or attempt.took(victim.item.get()),
            window(reply, profile),
        )
        seen = victim.item.get()
        if attempt.took(seen):
            found.append(f"client B {attempt.did} {victim.named}: {said('B', reply)}")
        elif reply.is_success and seen.status_code in (404, 410) and still_there(clients) is None:
            found.append(f"client B {attempt.did} {victim.named}: {said('B', reply)}; {said('A', seen)}")
            break
    return found


@rule(
    "AUTH-012",
    MUST,
    refs=[OWASP, "OWASP API3:2023"],
    needs="list read",
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_lists_show_the_callers_own_items_only(resource, profile, survey):
    """Leave other clients' items out of lists, filters, searches and totals

    Why: a list that is not scoped hands out everybody's data at once, and a total tells a competitor how much is sold.
    Fix: put the owner into the query of the list, and let filters, searches and counts use the same query.
    Probe: client A creates an item with a text of its own. Client B reads the list, filters it by that text, by each
        documented filter with listed values and by what names client A as the owner, searches for it, also where the
        document has a search, reads documented paths below the collection, such as an export, and reads totals and
        counts before and after. An item that client B cannot read by its URL must not be there.
    """
    clients = Clients(resource)
    clients.collection  # noqa: B018 - ends the rule where client B is not accepted
    counters = counting(resource.known.collection, survey)
    able = creates(resource) and (resource.can("totals") or counters)
    counted = totals(clients, counters) if able else None
    victim, asked = clients.victim, clients.asked
    if asked.barred:
        not_applicable(f"client B may not list: {said('B', clients.collection)}")
    policy = asked.of_list
    if policy in (Policy.SHARED, Policy.READ_BY_ALL):
        not_applicable(
            f"clients share the items of {resource.name}: client B reads {victim.named} by its URL (see AUTH-011)"
        )
    level = MUST if policy is Policy.OWNED else SHOULD
    expected = "no item of client A in any list that client B is shown"
    own = eventually(lambda: clients.lists(resource) is not False, profile.consistency_window)
    fresh = {} if own else {"harness": uuid.uuid4().hex}
    control(own or clients.lists(resource, fresh), CACHED)
    queries = [{}, *listed_filters(clients, victim, survey), *searches(clients, victim)]
    shown = kept(clients, victim, fresh)
    shown = shown or list(showing(clients, victim, queries)) or list(exporting(clients, victim, survey))
    named = [] if shown else list(showing(clients, victim, owner_filters(clients, survey, profile)))
    if (shown or named) and policy is Policy.UNKNOWN:
        inconclusive(f"{[*shown, *named][0]}, and nothing shows whether that is meant: {DECLARE}")
    if shown and policy is Policy.SEPARATE and asked.listed and summarised(clients):
        inconclusive(
            f"{shown[0]}, in a summary with fewer members than the item, as public directories have them: {DECLARE}"
        )
    expect(not shown, expected, "; ".join(shown), level=level, impact=CRITICAL)
    expect(not named, expected, "; ".join(named), level=level, impact=CRITICAL, cause=PARAMETER_NAMES_OWNER)
    if counted:
        expect(False, "a total that counts the caller's own items only", counted, level=level, impact=MAJOR)
    control(clients.lists(clients.b, fresh) is False, "the whole list should be readable as client B")
    evidence(f"{policy.value}; the list that client B is shown leaves {victim.named} out")


@rule("AUTH-016", SHOULD, refs=["OWASP API1:2023"], needs="read", effect=READ, rougher=WRITE, impact=MINOR)
def test_ids_cannot_be_guessed(resource):
    """Use ids that cannot be guessed

    Why: ids that count up tell how much is sold, and make every forgotten check of access a leak of all items.
    Fix: use random ids of 64 bits or more (UUIDs do), at least in URLs.
    Advice: what protects items is the check of who asks; ids that cannot be guessed only limit the damage.
    """
    if creates(resource):
        ids = [resource.create().id for _ in range(5)]
    else:
        listed = [at(one, resource.listed_id) for one in resource.members(pages=1).items]
        ids = sorted(
            {str(one) for one in listed if isinstance(one, int | str)}, key=lambda one: (len(one), one)
        )
        applies(len(ids) >= 4, f"the list of {resource.name} shows at least four items")
    step = ids_count_up(ids)
    expect(step is None, "ids that do not count up", f"ids {', '.join(ids[:5])}")


@rule(
    "AUTH-019",
    MAY,
    refs=[OWASP, "RFC 9110 section 15.5.4"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=MINOR,
)
def test_existence_is_hidden_from_other_clients(resource):
    """Answer for other clients' items as for items that do not exist

    Why: a different response tells anybody which orders, users or mail addresses exist.
    Fix: answer 404 with the same content in both cases, and decide on access before preconditions.
    Advice: nothing of the item is shown.
    """
    clients = Clients(resource)
    victim = clients.victim
    resource.sample_id = resource.sample_id or victim.id
    clients.collection  # noqa: B018 - ends the rule where client B is not accepted
    foreign = clients.b.client.get(victim.url)
    if foreign.is_success or victim.shown_by(foreign) is not None:
        not_applicable(f"client B reads items of client A (see AUTH-011): {said('B', foreign)}")
    control(foreign.status_code in REFUSALS, f"client A's item should be refused: {said('B', foreign)}")
    urls = [resource.absent_url() for _ in range(2)]
    absent = [clients.b.client.get(url) for url in urls]
    control(absent[0].status_code in REFUSALS, f"an absent item should be refused: {said('B', absent[0])}")
    both = f"{said('B', foreign)} for one of client A, {exchange_of(absent[0]).summary()} for one that does not exist"
    if foreign.status_code != absent[0].status_code:
        note(f"client B can tell which items exist: {both}")
        return
    tag = clients.a.client.get(victim.url).headers.get("etag")
    if tag is not None:
        condition = clients.b.client.get(victim.url, headers={"If-None-Match": tag})
        if condition.status_code == 304:
            warn(
                "the refusal of a request without conditions, whatever If-None-Match says",
                f"{said('B', condition)} with client A's ETag {tag}, which tells what the item is; {both}",
            )
    ids = [victim.id, *(url.rsplit("/", 1)[-1] for url in urls)]
    shown = [wording(json_of(reply), id) for reply, id in zip((foreign, *absent), ids, strict=True)]
    shown = unlike(*shown)
    if shown:
        warn(
            "the same content for an item that exists and one that does not, where both are refused alike",
            shown,
        )
