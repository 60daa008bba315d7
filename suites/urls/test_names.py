"""URL: names in paths, parameters and members. All that is found is advice: names of an API in use rarely change."""

from __future__ import annotations

from harness import MINOR, SHOULD, advise, applies, evidence, expect, inconclusive, rule

from .documents import described, members, query_parameters
from .names import DEEPEST, exceptions, levels, page_sizes, segments, singular_collections, verbs

MOST = 8
"""Examples in a finding."""


def paths_of(survey):
    """Methods by path template: of the document, or else of the resources."""
    if survey.documented:
        return {survey.written.get(path, path): methods for path, methods in survey.documented.items()}
    found = {}
    for known in survey.profile.resources:
        for path in (known.collection, known.item):
            if path:
                found[path] = []
    applies(found, "the API has paths")
    return found


def some(names):
    """A few of many names."""
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")


@rule(
    "URL-001", SHOULD, refs=["RFC 9110 section 9.1", "Zalando RESTful API Guidelines rule 141"], impact=MINOR
)
def test_paths_name_resources(survey):
    """Name resources with nouns, not verbs

    Why: the method already says what is done; with a verb in the path each client has to learn two vocabularies, and
        caches and gateways do not understand the second.
    Fix: `POST /orders` for `/createOrder`, `DELETE /orders/{id}` for `/orders/{id}/delete`.
    Advice: clients of an API in use depend on its paths.
    """
    found = verbs(paths_of(survey))
    expect(not found, "paths without `get`, `create`, `update`, `delete`", some(found))


@rule("URL-002", SHOULD, refs=["Zalando RESTful API Guidelines rules 129 and 134"], impact=MINOR)
def test_paths_have_one_style(survey):
    """Write the paths of collections in one style

    Why: a developer guesses a path from the others; each exception is a 404 and a look into the documentation.
    Fix: plural names in kebab-case, or whatever style most paths have.
    Advice: clients of an API in use depend on its paths. A style other than kebab-case is only mentioned.
    """
    paths = paths_of(survey)
    names = [name for path in paths for name in segments(path)]
    usual, others = exceptions(name.partition(":")[0] for name in names)
    if others:
        advise(f"paths in {usual}" if usual else "paths in one style", some(others))
    elif usual:
        evidence(f"paths are in {usual}")
    many, one = singular_collections(paths)
    expect(
        not (one and len(many) >= 3 * len(one)),
        "names of collections in the plural, as most are",
        f"{some(one)}; but {some(many)}",
    )


@rule("URL-003", SHOULD, refs=["Zalando RESTful API Guidelines rule 147"], impact=MINOR)
def test_paths_are_not_deep(survey):
    """Nest collections at most three levels deep

    Why: a client needs the ids of all levels to address one item, and a move breaks its URL.
    Fix: give items that have an id of their own a path of their own, `/lines/{id}`.
    Advice: clients of an API in use depend on its paths.
    """
    found = [f"{path} ({levels(path)} levels)" for path in paths_of(survey) if levels(path) > DEEPEST]
    expect(not found, f"at most {DEEPEST} levels of collections", some(found))


@rule("URL-004", SHOULD, refs=["Zalando RESTful API Guidelines rules 118 and 130"], impact=MINOR)
def test_names_have_one_style(survey, client):
    """Name members and parameters in one style

    Why: `created_at` beside `updatedAt` is one mapping more in each client, and a typing error waits in each.
    Fix: one style for members and one for parameters; one name for the size of a page.
    Advice: clients of an API in use depend on its names.
    """
    document = described(client, survey)
    if document is None:
        inconclusive("the OpenAPI document cannot be read again")
    for what, names in (("members", members(document)), ("parameters", query_parameters(document))):
        flat = names if what == "members" else [name for several in names.values() for name in several]
        usual, others = exceptions(flat)
        if others:
            advise(f"{what} in {usual}" if usual else f"{what} in one style", some(others))
    sizes = page_sizes(query_parameters(document))
    expect(
        not sizes,
        "one parameter for the size of a page",
        "; ".join(f"{name}: {some(paths)}" for found in sizes for name, paths in found.items()),
    )
