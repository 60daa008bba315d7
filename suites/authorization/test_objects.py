"""AUTH: items of one client and requests of another (OWASP API1:2023, broken object level authorization)."""

from __future__ import annotations

from itertools import pairwise

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
from harness.http.content import at, id_text, json_of
from harness.http.path_templates import matches
from harness.lists.traversal import Walk
from harness.payloads import run_token
from harness.resource.canary import SHORTEST, body_with_canary, creates, leaked, marked
from harness.rules.causes import PARAMETER_NAMES_OWNER
from harness.rules.checks import Undecided
from harness.survey.openapi.promises import safe_paths_below

from .attempts import attempts, disguised, refused_for_itself, window
from .batches import Batches
from .judge import REFUSALS, Policy, ids_count_up, is_summary, listed_with, unlike, wording
from .principals import Clients, identity, owners_of, said
from .scopes import declared_public, exports, naming

OWASP = "OWASP API1:2023"
MOST_FILTERS = 3
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
def test_items_of_other_clients_are_out_of_reach(resource, survey, profile):
    """Deny other clients' items on read, write and delete

    Why: whoever has one account reads, changes or deletes the data of all others by putting their ids into a URL.
    Fix: look items up together with their owner (`where id = ? and owner = ?`), in one place that every method uses.
    Probe: client A creates an item with a text of its own. Client B requests it with every method, and client A reads
        it again after each of them. Client B also puts the item's id beside that of an item of its own, where the
        OpenAPI document has an operation that takes ids of several items. Whether clients share items is asked first:
        by the list that B is shown, and without credentials.
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
        changed, open_questions, guarded = writing(clients, victim, profile)
        changed = changed or batches.changed()
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
    open_questions += batches.open_questions
    if open_questions:
        inconclusive("; ".join(open_questions))
    evidence(f"{policy.value}; client B was refused {victim.named}")


def writing(clients, victim, profile):
    """What client B changed of A's item; what could not be decided; and by what it was refused."""
    changed, open_questions, guarded = [], [], []
    item = victim.item
    item.prove()
    for attempt in attempts(item):
        reply = attempt.send(clients.b.client)
        summary = said("B", reply)
        if eventually(lambda attempt=attempt: attempt.took(item.get()), window(reply, profile)):
            changed.append(
                f"client B {attempt.did} {victim.named}: {summary}; {said('A', item.get())} shows it"
            )
            if attempt.method == "DELETE":
                break
            continue
        if reply.status_code in REFUSALS:
            guarded.append(summary)
        elif refused_for_itself(reply) and attempt.method != "DELETE":
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
        if attempt.took(victim.item.get()):
            found.append(f"client B {attempt.did} {victim.named}: {said('B', reply)}")
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
        documented filter with listed values and by what names client A as the owner, searches for it, reads documented
        paths below the collection, such as an export, and reads the total before and after. An item that client B
        cannot read by its URL must not be there.
    """
    clients = Clients(resource)
    clients.collection  # noqa: B018 - ends the rule where client B is not accepted
    counted = totals(clients) if creates(resource) and resource.can("totals") else None
    victim, asked = clients.victim, clients.asked
    if asked.barred:
        not_applicable(f"client B may not list: {said('B', clients.collection)}")
    policy = asked.of_list
    if policy in (Policy.SHARED, Policy.READ_BY_ALL):
        not_applicable(
            f"clients share the items of {resource.name}: client B reads {victim.named} by its URL (see AUTH-011)"
        )
    level = MUST if policy is Policy.OWNED else SHOULD
    own = eventually(lambda: clients.lists(resource) is not False, profile.consistency_window)
    control(own, "the list should show client A its own item")
    expected = "no item of client A in any list that client B is shown"
    queries = [{}, *listed_filters(clients, victim, survey), *searches(clients, victim)]
    shown = list(showing(clients, victim, queries)) or list(exporting(clients, victim, survey))
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
    control(clients.lists(clients.b) is False, "the whole list should be readable as client B")
    evidence(f"{policy.value}; the list that client B is shown leaves {victim.named} out")


def summarised(clients):
    """Whether the list that client B is shown has fewer members of A's item than its URL has."""
    b, victim = clients.b, clients.victim
    items = [one for one in b.members(pages=3).items if id_text(at(one, b.listed_id)) == victim.id]
    place = b.known.representation
    whole = at(json_of(clients.a.client.get(victim.url)), place)
    return bool(items) and is_summary(at(items[0], place), whole)


def listed_filters(clients, victim, survey):
    """Documented filters with listed values, each with the value that A's item has."""
    if victim.item is None:
        return []
    known, state = clients.b.known, victim.item.state()
    there = [one for one in survey.promises.parameters if matches(one.path, known.collection or "/")]
    values = {one.name: at(state, f"{known.representation}/{one.name}") for one in there}
    return [{one.name: values[one.name]} for one in there if values[one.name] in one.values][:MOST_FILTERS]


def owner_filters(clients, survey, profile):
    """Queries that name client A as the owner."""
    known = clients.b.known
    members = owners_of(clients)
    documented = [one.name for one in survey.promises.queries if matches(one.path, known.collection or "/")]
    return naming(members, documented, identity(clients.a.client, profile))


def exporting(clients, victim, survey):
    """The documented paths below the collection at which client B finds A's item, a sentence each."""
    for path in exports(clients.b.known.collection, survey):
        usual = clients.a.client.get(path)
        if found_in(victim, usual) is None:
            continue
        reply = clients.b.client.get(path)
        canary = found_in(victim, reply)
        if canary is not None and found_in(victim, clients.nobody.client.get(path)) is None:
            yield (
                f"client B was shown {victim.named}: {said('B', reply)} shows {canary!r}; {said('A', usual)}; "
                f"{said('B', clients.b.client.get(victim.url))}"
            )
            return


def found_in(victim, reply):
    """What a response about many items shows of A's: a canary, or its id; None for nothing."""
    # Of an item that the run did not make, others may have the same texts.
    own = victim.canaries if victim.item is not None else ()
    texts = own or ({victim.id} if len(victim.id) >= SHORTEST else set())
    return leaked(reply.text, texts) if reply.is_success else None


def searches(clients, victim):
    """Queries for the text or the id of A's item, by the list's filter and by usual parameters."""
    known = clients.b.known
    queries = []
    how = known.pagination
    if victim.item is not None and how is not None and how.filter_param and how.filter_member:
        value = at(victim.item.sent, known.representation + how.filter_member)
        if isinstance(value, str):
            queries.append({how.filter_param: value})
    text = min(victim.canaries, default=victim.id)
    queries += [{name: text} for name in ("q", "search")] + [{"id": victim.id}, {"ids": victim.id}]
    return queries


def showing(clients, victim, queries):
    """The first list in which client B finds A's item, a sentence."""
    how = clients.b.known.pagination
    for query in queries:
        most = how.max if query and how is not None else None
        walk = Walk(clients.b, query, most, links_only=not query)
        while not (walk.over or walk.full) and len(walk.pages) < 3:
            page = walk.step()
            if page.items is None or not page.reply.is_success:
                break
            if listed_with(page.items, victim.id, clients.b.listed_id, victim.canaries):
                yield f"client B was shown {victim.named} in a list: {said('B', page.reply)}"
                return


def totals(clients):
    """How the total that client B is shown follows what client A creates: a sentence, or None."""

    def total():
        page = Walk(clients.b, {}, links_only=True).step()
        return page.info.total if page.ok else None

    counts = [total()]
    for number in (2, 3):
        for _ in range(number):
            clients.a.create()
        counts.append(total())
    if None in counts:
        return None
    risen = [later - earlier for earlier, later in pairwise(counts)]
    if risen != [2, 3]:
        return None
    return (
        f"the total that client B is shown was {counts[0]}, {counts[1]} after client A created 2 items, and "
        f"{counts[2]} after 3 more"
    )


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
    Fix: answer 404 with the same content in both cases.
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
    ids = [victim.id, *(url.rsplit("/", 1)[-1] for url in urls)]
    shown = [wording(json_of(reply), id) for reply, id in zip((foreign, *absent), ids, strict=True)]
    shown = unlike(*shown)
    if shown:
        warn(
            "the same content for an item that exists and one that does not, where both are refused alike",
            shown,
        )
