"""AUTH: members that clients must not set, and members that no response shows (OWASP API3:2023)."""

from __future__ import annotations

import re

from harness import CRITICAL, MAJOR, MUST, SHOULD, WRITE, applies, expect, note, rule
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, json_of, replaced
from harness.payloads import run_token
from harness.payloads.constraints import errors
from harness.resource.canary import leaked
from harness.resource.contested import patch_type

from .judge import another, secret_members, stored


@rule(
    "AUTH-014",
    SHOULD,
    refs=["OpenAPI Schema Object (readOnly)", "OWASP API3:2023"],
    needs="create read",
    effect=WRITE,
    impact=MAJOR,
)
def test_protected_members_cannot_be_set(resource, profile):
    """Ignore or reject client writes to protected members

    Why: a framework that binds content to records lets clients set their role, their balance or the owner.
    Fix: list the members that a request may set, and read nothing else of its content.
    Probe: a create and an update send other values for the members that `protected_fields` of the profile names, and
        for those that the OpenAPI document marks readOnly; then the item is read.
    """
    known = resource.known
    item = resource.create()
    shown = json_of(item.get())
    wanted = protected_values(resource, shown)
    applies(
        wanted,
        "the document marks members readOnly, or the profile names some: set `protected_fields`",
    )
    before = {name: at(shown, place(known, name)) for name in wanted}
    for send in creating, replacing, patching:
        found = send(resource, wanted)
        if found is None:
            continue
        # One value that is refused must not hide what becomes of the others.
        alone = [{name: value} for name, value in wanted.items()]
        refused = not found[0].is_success and len(wanted) > 1
        for reply, target in [one for each in alone if (one := send(resource, each))] if refused else [found]:
            if reply.is_success and target is not None:
                judge(resource, reply, json_of(target.get()), wanted, before)


def judge(resource, reply, seen, wanted, before):
    """Break the rule by a member that was set."""
    known = resource.known
    for name, value in wanted.items():
        declared = name in known.protected_fields
        expect(
            not stored(seen, place(known, name), value, before[name]),
            "the member as the server sets it, or 4xx",
            f"{exchange_of(reply).summary()} with {name} = {value!r}, and a read shows {value!r}",
            level=MUST if declared else SHOULD,
            impact=CRITICAL if declared else MAJOR,
        )


def place(known, name):
    """Pointer of a member."""
    return f"{known.representation}/{name.replace('~', '~0').replace('/', '~1')}"


def protected_values(resource, shown):
    """The members to try, each with a value that it does not have."""
    known = resource.known
    own = {known.id.rsplit("/", 1)[-1], (known.locking.version or "").rsplit("/", 1)[-1]}
    made = dict(known.protected_fields)
    others = resource.members(pages=1).items if resource.can("list") else []
    for name in known.read_only[:12]:
        value = at(shown, place(known, name))
        if name in own or name in made or value is MISSING or value is None:
            continue
        choices = [one for other in others if isinstance(one := at(other, place(known, name)), str)]
        if known.state == f"/{name}":
            choices += [one for change in known.transitions for one in (change.after, change.before)]
        other = another(value, choices)
        if other is not MISSING:
            made[name] = other
    return made


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


HASH = re.compile(
    r"\$(?:2[aby]|argon2\w*|scrypt|pbkdf2[\w-]*|[156])\$\S{20,}|(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64,128})\Z"
)


@rule(
    "AUTH-015",
    SHOULD,
    refs=["OpenAPI Schema Object (writeOnly)", "OWASP API3:2023"],
    needs="create read",
    effect=WRITE,
    impact=MAJOR,
)
def test_secret_members_are_not_returned(resource):
    """Return no write-only or secret member

    Why: a password that comes back ends up in logs and caches, and in the hands of whoever may read the item.
    Fix: list the members of responses, and leave secrets and their hashes out.
    """
    known = resource.known
    names = secret_members(known.create_schema, known.body, known.representation)
    applies(names, f"a member of {resource.name} is writeOnly, or is called like a secret")
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


def looks_hashed(value):
    return isinstance(value, str) and HASH.match(value) is not None
