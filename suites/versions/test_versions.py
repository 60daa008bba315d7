"""VERS: the versions that are served at the same time."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

from harness import (
    CRITICAL,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    payloads,
    rule,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, id_text, json_of

from .selecting import choices, elsewhere, label, other_versions, reusable, strange, translated, unmapped

MOST = 6
"""Versions that are read."""
NONE = "the profile says how a version is chosen (`versions.scheme`), or the document lists the versions of a field"
UNKNOWN = "zz-conformance"
REFUSED = (401, 403, 429)


def chosen(profile, survey):
    """How clients choose a version."""
    lists = (one.collection for one in profile.resources if "{" not in one.collection)
    found = choices(profile.versions, survey.promises.selectors, next(lists, None))
    applies(found, NONE)
    if profile.versions is None and survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    return found


def read(client, target, choice, value):
    """A GET of one version."""
    base = urlsplit(target.url).path.rstrip("/")
    url, fields, parameters = choice.request(value, client.url(choice.path), base)
    return client.get(url, headers=fields, params=parameters or None)


def served(client, target, choice):
    """The versions that are declared, each with its response; one of them works, or nothing can be said."""
    found = {value: read(client, target, choice, value) for value in choice.values[:MOST]}
    control(
        any(reply.is_success for reply in found.values()),
        f"one of the declared versions should be readable: {exchange_of(next(iter(found.values()))).summary()}",
    )
    return found


@rule("VERS-001", SHOULD, refs=["RFC 9110 section 15.5", "Zalando RESTful API Guidelines rule 115"])
def test_declared_versions_answer_and_others_do_not(client, profile, survey, target):
    """Answer each declared version, and refuse unknown ones

    Why: a client that asks for a version gets the format that it can read, or learns that it does not exist; a
        default in its place is parsed as what it is not.
    Fix: keep the list of versions in one place that routing and document use; answer 404 for an unknown path, 400 or
        406 for an unknown field, parameter or media type.
    Probe: one GET in each declared version, then in versions 999, 0 and abc. That a request without a version gets a
        default is not judged; nor is a path without version control where any path is answered.
    """
    for choice in chosen(profile, survey):
        replies = served(client, target, choice)
        for value, reply in replies.items():
            summary = exchange_of(reply).summary()
            if reply.status_code in (*REFUSED, 410):
                evidence(f"not judged: version {value}, {summary}")
                continue
            expect(
                reply.is_success,
                f"success in the declared version {value}",
                f"version {value}: {summary}",
                level=MUST,
                impact=CRITICAL,
            )
            shown = label(exchange_of(reply), choice)
            expect(
                shown not in other_versions(choice, value),
                f"version {value}",
                f"{summary} names version {shown} instead",
                level=MUST,
            )
        judge_unknown(client, target, choice, replies)
        evidence(f"{choice.scheme} {choice.name}: {', '.join(replies)}".replace(" :", ":"))


def judge_unknown(client, target, choice, replies):
    """Versions that there are not get 4xx."""
    if choice.scheme == "path" and read(client, target, choice, f"/{UNKNOWN}").is_success:
        evidence("unknown versions are not judged: any path is answered with success")
        return
    for value in strange(choice):
        reply = read(client, target, choice, value)
        exchange = exchange_of(reply)
        expect(reply.status_code < 500, f"4xx for the unknown version {value}", exchange.summary())
        if not reply.is_success:
            continue
        named = label(exchange, choice)
        if named in choice.values:
            evidence(
                f"{exchange.summary()} for version {value} names the version that it is instead: {named}"
            )
            continue
        expect(
            reply.status_code >= 300,
            f"4xx for the unknown version {value}, or a field that names the version served instead",
            f"version {value}: {exchange.summary()}, with nothing that says which version it is",
        )


@rule("VERS-002", SHOULD, refs=["RFC 9110 section 12.5.5", "RFC 9110 section 8.3"])
def test_responses_name_their_version_and_what_chose_it(client, profile, survey, target):
    """Name the version of a response, and list the field that chose it in Vary

    Why: a cache between the client and the API gives a client of one version the stored response of another; a
        client or a log that shows no version cannot tell which it was.
    Fix: in one filter, add the version to each response and the field to Vary.
    Probe: one GET in each of two versions, of up to four paths until the contents differ. Responses that no cache may
        reuse need no Vary, and COND-017 judges Vary where the media type chooses the version.
    """
    fields = [one for one in chosen(profile, survey) if one.scheme in ("field", "media type")]
    if not fields:
        not_applicable("a version is chosen by the URL, which tells caches and clients enough")
    judged = []
    for choice in fields:
        replies = different(client, target, choice)
        if replies is None:
            evidence(f"not judged: no two versions of {', '.join((choice.path, *choice.others))} differ")
            continue
        shown = [exchange_of(one) for one in replies.values()]
        if choice.scheme == "field":
            silent = [one for one in shown if reusable(one) and not varies(one, choice.name)]
            expect(
                not silent,
                f"{choice.name} in Vary, as the content depends on it",
                f"{silent[0].summary() if silent else ''}, Vary: {silent[0].field('vary') if silent else ''}; its "
                f"content differs between {' and '.join(list(replies)[:2])}",
            )
        unnamed = [one for one in shown if label(one, choice) is None]
        expect(
            not unnamed,
            "the version in Content-Type, or in a field of the response",
            f"{unnamed[0].summary() if unnamed else ''} names no version",
        )
        judged.append(f"{choice.name}: {', '.join(replies)}")
    control(judged, "two versions should differ")
    evidence("; ".join(judged))


def different(client, target, choice):
    """The successes of the versions at the first path at which two of them differ; None where they do at none."""
    for path in (choice.path, *choice.others):
        found = served(client, target, replace(choice, path=path))
        replies = {value: one for value, one in found.items() if one.status_code == 200}
        if len({one.content for one in replies.values()}) > 1:
            return replies
    return None


def varies(exchange, name):
    """Whether Vary lists a field."""
    listed = {one.strip().lower() for one in (exchange.field("vary") or "").split(",")}
    return bool({name.lower(), "*"} & listed)


@rule(
    "VERS-010",
    SHOULD,
    refs=["background document 003, versioning", "Zalando RESTful API Guidelines rule 106"],
    needs="create read",
    effect=WRITE,
)
def test_versions_show_the_same_items(resource, client, profile, target):
    """Show the same items in all versions that are served

    Why: while clients move from one version to the next, some write in the old one and some read in the new one.
    Fix: let both versions translate to and from one model; neither has a store or a cache of its own.
    Probe: where `[versions]` declares paths and `members`: creates an item in the target's version and reads it in the
        others, replaces it in one and reads it in the other, both ways, and deletes it. The other version's PUT must
        leave what it does not know.
    """
    declared = profile.versions
    members = (
        declared.members.get(resource.name) if declared is not None and declared.scheme == "path" else None
    )
    applies(
        members,
        "the profile has the paths of versions, and what another calls the resource's members (`versions.members`)",
    )
    base = urlsplit(target.url).path.rstrip("/")
    others = [one for one in declared.declared if one.rstrip("/") != base]
    applies(others, "a version besides the target's is declared")
    window = profile.consistency_window
    for other in others:
        item = resource.create()
        twin = elsewhere(item.url, base, other)
        judge_read(item, client, twin, members, window, "a create")
        if resource.can("replace"):
            reply = item.put(changed(item, members))
            control(reply.is_success, f"a PUT should succeed: {exchange_of(reply).summary()}")
            judge_read(item, client, twin, members, window, "a PUT")
            judge_write(item, client, twin, members, window)
        if resource.can("delete"):
            control(item.delete().is_success, "a DELETE should succeed")
            gone = eventually(lambda twin=twin: client.get(twin).status_code in (404, 410), window)
            expect(
                gone,
                "404 or 410 for a deleted item",
                f"after a DELETE: {exchange_of(client.get(twin)).summary()}",
            )
        evidence(f"the same in {base} and {other}")


def changed(item, members):
    """A body that changes a member that both versions have, where one can be changed."""
    known = item.resource.known
    for pointer in members:
        made = payloads.changed(known.model_copy(update={"change": pointer}), item.put_body())
        if made is not None:
            return made[0]
    return item.put_body(change=True)


def judge_read(item, client, twin, members, window, after):
    """The other version shows the item, with the same values."""
    roots = (item.resource.known.representation,) * 2

    def differing():
        return unmapped(json_of(item.get()), json_of(client.get(twin)), members, roots)

    eventually(lambda: client.get(twin).is_success and not differing(), window)
    reply = client.get(twin)
    expect(
        reply.is_success,
        f"the item in the other version after {after}",
        exchange_of(reply).summary(),
        level=MUST,
    )
    wrong = differing()
    expect(
        not wrong,
        f"the same values in both versions after {after}",
        f"{exchange_of(reply).summary()}: {'; '.join(wrong)}",
    )


def judge_write(item, client, twin, members, window):
    """A PUT in the other version shows in the target's, which keeps its members."""
    known, ownership = item.resource.known, client.recorder.ownership
    before, shown = json_of(item.get()), client.get(twin)
    if id_text(at(json_of(shown), known.id)) != item.id:
        evidence("no PUT in the other version: it does not show the item's id where the target does")
        return
    body = translated(item.put_body(), members)
    fields = {"Content-Type": known.media_type}
    if known.locking.if_match:
        fields["If-Match"] = shown.headers.get("etag")
    with ownership.granting("PUT", twin):
        ownership.reaches(item.url, json.dumps(item.put_body()).encode())
        reply = client.put(twin, json=body, headers=fields)
    if not reply.is_success:
        evidence(f"no PUT in the other version is judged: {exchange_of(reply).summary()}")
        return
    judge_read(item, client, twin, members, window, "a PUT in the other version")
    after = json_of(item.get())
    inner = known.representation
    lost = [name for name in at(before, inner) if name not in at(after, inner)]
    expect(
        not lost,
        "the members that the item had in the target's version",
        f"after {exchange_of(reply).summary()} the item lacks {', '.join(lost)}",
    )
