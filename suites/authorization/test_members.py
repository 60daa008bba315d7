"""AUTH: members that clients must not set, and members that no response shows (OWASP API3:2023)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, json_of, replaced
from harness.payloads import run_token
from harness.payloads.constraints import errors
from harness.resource.canary import creates, leaked
from harness.resource.contested import patch_type
from harness.rules.checks import NotApplicable, Undecided

from .judge import another, looks_hashed, secret_members, shown_secrets, stored, write_only_members
from .principals import name_of_other, said
from .protected import MOST, read_only_members, rights_members, usual_rights
from .scopes import names_owner


@rule(
    "AUTH-014",
    SHOULD,
    refs=["OpenAPI Schema Object (readOnly)", "OWASP API3:2023"],
    needs="create read",
    effect=WRITE,
    impact=MAJOR,
)
def test_protected_members_cannot_be_set(resource, survey):
    """Ignore or reject client writes to protected members

    Why: a framework that binds content to records lets clients set their role, their balance or the owner.
    Fix: list the members that a request may set, and read nothing else of its content.
    Probe: a create and an update send other values for the members that `protected_fields` of the profile names, for
        those that the OpenAPI document marks readOnly, at any depth, and for roles, balances and owners that items have
        and no documented request sets; then the item is read. A member that says whose the item is gets the value that
        client B's items have, and client B reads it, too.
    """
    known = resource.known
    item = resource.create()
    shown = json_of(item.get())
    other = second(resource)
    documented = read_only_members(survey.contract, known.item)
    rights = rights_members(survey.promises.unrequested, known.item)
    wanted = protected_values(resource, shown, {**rights, **documented}, other)
    applies(
        wanted,
        "the document marks members readOnly, or the profile names some: set `protected_fields`",
    )
    before = {name: at(shown, place(known, name)) for name in wanted}
    for send in creating, replacing, patching:
        found = send(resource, wanted)
        if found is None:
            continue
        # One value that is refused, or that gives the item away, must not hide what becomes of the others.
        alone = [{name: value} for name, value in wanted.items()]
        split = len(wanted) > 1 and (
            not found[0].is_success or (found[1] is not None and not found[1].get().is_success)
        )
        for reply, target in [one for each in alone if (one := send(resource, each))] if split else [found]:
            if reply.is_success and target is not None:
                judge(resource, reply, target, wanted, before, other, rights, item)


def second(resource):
    """The same resource as client B; None where there is none, or both are the same client."""
    try:
        return resource.under(name_of_other(resource.client.target, resource.client.credential))
    except (NotApplicable, Undecided):
        return None


def judge(resource, reply, target, wanted, before, other, rights, untouched):
    """Break the rule by a member that was set.

    Args:
        rights: locations of members that say what their owner may do.
        untouched: an item that is older than the target, and that was left alone.
    """
    known = resource.known
    read = target.get()
    seen, reader = json_of(read), "a read"
    if read.status_code in (403, 404) and other is not None:
        given = other.client.get(target.url)
        if given.is_success:
            seen, reader = json_of(given), f"{said('A', read)}, {said('B', given)}, and that"
            # It is client B's to remove now.
            other.client.delete(target.url)
    for name, value in wanted.items():
        declared = name in known.protected_fields
        if stored(seen, place(known, name), value, before[name]) and by_itself(untouched, known, name, value):
            note(f"{name} becomes {value!r} in an item that nobody touches, too: not compared")
            continue
        escalates = place(known, name) in rights and not names_owner(name)
        expect(
            not stored(seen, place(known, name), value, before[name]),
            "the member as the server sets it, or 4xx",
            f"{exchange_of(reply).summary()} with {name} = {value!r}, and {reader} shows {value!r}",
            level=MUST if declared else SHOULD,
            impact=CRITICAL if declared or escalates or reader != "a read" else MAJOR,
        )


def by_itself(untouched, known, name, value):
    """Whether a member of an item that was left alone has got the value meanwhile, as a state does."""
    return at(json_of(untouched.get()), place(known, name)) == value


def place(known, name):
    """Pointer of a member; the name may be a pointer inside the representation."""
    if name.startswith("/"):
        return known.representation + name
    return f"{known.representation}/{name.replace('~', '~0').replace('/', '~1')}"


def protected_values(resource, shown, documented, other):
    """The members to try, each with a value that it does not have.

    Args:
        documented: as `read_only_members()` returns them.
        other: the resource as client B, or None.
    """
    known = resource.known
    own = {known.id, known.version_pointer}
    made = dict(known.protected_fields)
    others = resource.members(pages=1).items if resource.can("list") else []
    listed = None
    names = [name for name in known.read_only if place(known, name) not in documented]
    nested = [one.removeprefix(known.representation).removeprefix("/") for one in documented]
    names += [f"/{one}" if "/" in one else one for one in nested if one not in names]
    for name in names[:MOST]:
        where = place(known, name)
        value = at(shown, where)
        if where in own or name in made or value is MISSING or value is None:
            continue
        choices = [*documented.get(where, []), *(at(one, where) for one in others), *usual_rights(name)]
        choices = [one for one in choices if isinstance(one, str)]
        if known.state == f"/{name}":
            choices += [one for change in known.transitions for one in (change.after, change.before)]
        tried = another(value, choices)
        if names_owner(name.rpartition("/")[2]):
            # A value of nobody would put the item out of everybody's reach.
            if listed is None:
                listed = items_of(other)
            theirs = (at(one, where) for one in listed)
            tried = next((one for one in theirs if one not in (MISSING, None, value)), MISSING)
        if tried is not MISSING:
            made[name] = tried
    return made


def items_of(other):
    """Items of client B: as listed, or one that it creates; none where there is no client B."""
    if other is None:
        return []
    try:
        listed = other.members(pages=1).items if other.can("list") else []
        return listed or ([json_of(other.create().get())] if creates(other) else [])
    except Undecided:
        return []


def with_members(known, body, members):
    for name, value in members.items():
        body = replaced(body, place(known, name), value)
    return body


def creating(resource, wanted):
    body = with_members(resource.known, resource.body(), wanted)
    reply = resource.post(body)
    id = resource.id_in(reply) if reply.is_success else None
    return reply, None if id is None else Read(resource, resource.item_url(id))


class Read:
    """Something to read."""

    def __init__(self, resource, url):
        self.client, self.url = resource.client, url

    def get(self):
        return self.client.get(self.url)


def replacing(resource, wanted):
    if not resource.can("replace"):
        return None
    item = resource.create()
    return item.put(with_members(resource.known, item.put_body(), wanted)), item


def patching(resource, wanted):
    if not resource.can("update") or not resource.known.partial:
        return None
    item = resource.create()
    patch = item.with_version(with_members(resource.known, {}, wanted))
    fields = {**item.write_fields(), "Content-Type": patch_type(resource.known)}
    return item.client.patch(item.url, json=patch, headers=fields), item


@rule(
    "AUTH-015",
    SHOULD,
    refs=["OpenAPI Schema Object (writeOnly)", "OWASP API3:2023"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=MAJOR,
)
def test_secret_members_are_not_returned(resource):
    """Return no write-only or secret member

    Why: a password that comes back ends up in logs and caches, and in the hands of whoever may read the item.
    Fix: list the members of responses, and leave secrets and their hashes out.
    Probe: an item is created with secrets of the run's own, and read. Where nothing may be created, or no member of a
        create is a secret, what is there already is read: a member that is called like a secret must not hold a hash,
        and none that the document marks writeOnly may be there.
    Advice: a member called `password` in what was there already may be what an item is there for.
    """
    known = resource.known
    names = secret_members(known.create_schema, known.body, known.representation)
    if not creates(resource) or not names:
        reading(resource)
        return
    body, canaries = resource.body(), {}
    for name in names:
        value = f"S3cret-{run_token.mark()}"
        tried = replaced(body, place(known, name), value)
        if not isinstance(known.create_schema, dict) or errors(known.create_schema, tried) == []:
            body, canaries[name] = tried, value
    applies(canaries, f"a text of the run's own fits {', '.join(names)}")
    item = resource.create(body)
    once = leaked(item.created.text, canaries.values())
    if once is not None:
        note(f"{exchange_of(item.created).summary()} shows a secret: it may be shown once, at its creation")
    replies = [item.get()]
    if resource.can("list"):
        replies.append(resource.client.get(resource.url))
    for reply in replies:
        name = next((name for name, value in canaries.items() if leaked(reply.text, {value})), None)
        expect(
            name is None,
            "no secret in the response",
            f"{exchange_of(reply).summary()} shows {name}",
            impact=CRITICAL,
        )
        hashed = next(
            (name for name in canaries if looks_hashed(at(json_of(reply), place(known, name)))), None
        )
        expect(
            hashed is None, "no hash of a secret in the response", f"{exchange_of(reply).summary()}: {hashed}"
        )


def reading(resource):
    """Break the rule by a secret in an item that was there already."""
    listed = resource.members(pages=1).items if resource.can("list") else []
    url = resource.existing()
    read = json_of(resource.client.get(url)) if url is not None else MISSING
    items = [*listed, *([read] if read is not MISSING else [])]
    control(items, f"an item of {resource.name} should be readable")
    found = {one.place: one for one in shown_secrets(items, write_only_members(resource.known.create_schema))}
    said = {place: f"{resource.name} show {place}, {one.what}" for place, one in found.items()}
    sure = [said[place] for place, one in found.items() if one.sure]
    expect(not sure, "no secret, and no hash of one, in the response", "; ".join(sure))
    if said:
        advise("no password in the response", "; ".join(said.values()))
    evidence(f"{len(items)} representations of {resource.name} hold no member that looks like a secret")
