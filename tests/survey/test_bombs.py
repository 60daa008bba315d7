"""Documents without end: each is read within seconds, what is given up is said, and the rest is tested as ever."""

from __future__ import annotations

import json
import resource as system
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import payloads
from harness.bad_input import BadInput
from harness.http.path_templates import matches
from harness.payloads import generating, generator
from harness.payloads.constraints import MOST_CHECKS, errors, joined, valid
from harness.payloads.invalid import violations
from harness.survey.infer import rate_limits
from harness.survey.openapi import promises, security
from harness.survey.openapi import resources as openapi
from harness.survey.openapi.document import parse
from harness.survey.openapi.folding import MOST, Folded, fold
from harness.survey.openapi.taming import MAX_PATHS, tamed, weight
from tests import servers
from tests.sessions import run
from tests.survey.bombs import BOMBS, NOTE, document, laughs, merges, nested, only
from tests.survey.surveying import Api, surveyed

HANG = 120
"""Seconds that only something without end exceeds."""


@pytest.fixture(scope="module")
def impatient() -> Iterator[generating.Generating]:
    """A generator that is given up sooner: its process takes longer to start than most bombs take."""
    one = generating.Generating(longest=3.0)
    yield one
    one.end()


@pytest.fixture(autouse=True)
def quick_generator(impatient: generating.Generating, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bomb may take it down as often as one run may."""
    impatient.killed = 0
    monkeypatch.setattr(generating, "shared", impatient)


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_every_bomb_is_read_and_the_resource_beside_it_is_whole(name: str) -> None:
    begun, notes = time.monotonic(), list[str]()
    found = tamed(parse(json.dumps(BOMBS[name]()).encode(), "openapi.json"), notes)
    resources = openapi.resources(found, "", notes)
    resources += openapi.below(found, "", resources, notes)
    assert openapi.documented(found, "")
    openapi.written(found, "")
    promises.promises(found, "")
    security.demands(found, "", "https://api.example.com/openapi.json")
    rate_limits.documented(found, "")
    by_name = {one.name: one for one in resources}
    for known in (by_name["bombs"], by_name["notes"]):
        openapi.pages(found, "", known.collection)
        json.dumps(known.model_dump(mode="json"), allow_nan=False).encode()
        for body in payloads.bodies(known, 1):
            json.dumps(body, allow_nan=False).encode()
            assert valid(known.create_schema or {}, body)
            violations(known.create_schema or {}, body, known.representation)
            payloads.changed(known, body)
            payloads.optional_member(known, body)
    notes_ = by_name["notes"]
    assert notes_.create_schema == {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "maxLength": 80}},
    }
    assert len(list(payloads.bodies(notes_, 1))) == 1
    assert len(notes) <= 11
    assert all(len(line) < 500 for line in notes)
    assert time.monotonic() - begun < HANG


def said(name: str) -> str:
    notes: list[str] = []
    openapi.resources(tamed(parse(json.dumps(BOMBS[name]()).encode(), "openapi.json"), notes), "", notes)
    return "\n".join(notes)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("allOf", "the body of POST /bombs expands without end: allOf of L9 was ignored"),
        ("oneOf", "the body of POST /bombs expands without end: oneOf of L6 was ignored"),
        ("a chain", "the body of POST /bombs expands without end: #/components/schemas/C299 was ignored"),
        ("enum", "#/components/schemas/Bomb/properties/a/enum: of 300000 items the first 5000 are read"),
        ("many properties", "#/components/schemas/Bomb: of 50000 properties 500 are read"),
        ("many paths", f"#/paths: of 20004 members the first {MAX_PATHS} are read"),
        ("file", "$ref 'file:///etc/passwd' points outside the document and was ignored"),
        ("elsewhere", "$ref 'http://127.0.0.1:9/schema.json#/a' points outside the document and was ignored"),
        ("many references to nothing", "further parts of the OpenAPI document were ignored"),
    ],
)
def test_what_was_given_up_is_said(name: str, line: str) -> None:
    assert line in said(name).splitlines()


def test_a_sound_document_is_read_whole() -> None:
    sound = document(NOTE)
    notes: list[str] = []
    assert tamed(json.loads(json.dumps(sound)), notes) == sound
    openapi.resources(sound, "", notes)
    assert notes == []


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (nested(100_000), "nested more than"),
        (laughs(), "alias bomb"),
        (merges(), "alias bomb"),
        (b'{"openapi": "3.0.0", "paths": {"/a": {}}, "x": [' + b"[]," * 3_000_000 + b"1]}", "values"),
        (b"a: [" + b"a, " * 1_500_000 + b"b]", "YAML values"),
        (b"a: &a " + b"x" * 1_000_000 + b"\nb: [" + b"*a, " * 10_000 + b"*a]", "alias bomb"),
        (b'{"a": "' + b"x" * 100_000_000, "MiB"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(octets: bytes, says: str) -> None:
    begun = time.monotonic()
    with pytest.raises(BadInput, match=says):
        parse(octets, "openapi.json")
    assert time.monotonic() - begun < HANG


def test_types_that_only_python_has_are_plain_and_no_number_is_infinite() -> None:
    found = parse(
        b"openapi: 3.0.0\npaths: {/a: {get: {}}}\nx: !!set {a, b}\ny: .inf\nz: -.NaN", "openapi.yaml"
    )
    assert (found["x"], found["y"], found["z"]) == ({"a": None, "b": None}, ".inf", "-.NaN")


def test_a_schema_that_takes_too_many_checks_is_of_no_use() -> None:
    several = {"anyOf": [{"$ref": "#/$defs/b"}] * 10}
    root = {"anyOf": [{"$ref": "#/$defs/a"}] * 10, "$defs": {"a": several, "b": {**several}}}
    root["$defs"] = {f"L{n}": {"anyOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 10} for n in range(12)}
    root["$defs"]["L12"] = {"type": "string"}
    root["anyOf"] = [{"$ref": "#/$defs/L0"}]
    assert errors(root, 1) is None
    assert errors({"items": {"type": "integer"}}, [1] * (MOST_CHECKS - 10)) == []


def test_folding_leaves_what_is_within_its_bound() -> None:
    definitions = {f"D{n}": {"type": "object", "properties": {"a": {"type": "string"}}} for n in range(200)}
    union = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions]}
    before = json.dumps([union, definitions])
    assert fold(union, definitions, Folded()) == []
    assert json.dumps([union, definitions]) == before
    assert fold({"allOf": [{} for _ in range(MOST + 1)]}, {}, Folded()) == ["allOf of its root"]


def test_a_circle_is_counted_where_it_is_used_inside_of_itself() -> None:
    wide = {
        "allOf": [{} for _ in range(MOST - 10)],
        "properties": {"x": {"anyOf": [{"$ref": "#/$defs/A"}] * 2}},
    }
    assert fold({"$ref": "#/$defs/A"}, {"A": wide}, Folded()) == ["anyOf of A"]


def test_joining_ends() -> None:
    root = {"$defs": {"A": {"type": "object", "allOf": [{"$ref": "#/$defs/A"}] * 10}}}
    assert "object" in joined(root, {"$ref": "#/$defs/A"})["type"]


@pytest.mark.parametrize(
    ("template", "path", "same"),
    [
        ("/a/" + "{x}-" * 60 + "{y}", "/a/" + "-" * 200 + "/", False),
        ("/a/" + "{x}" * 60 + "!", "/a/" + "b" * 300, False),
        ("/a/" + "{x}" * 60 + "!", "/a/" + "b" * 300 + "!", True),
        ("/a/{x}{y}", "/a/b", False),
        ("/a/{x}{y}", "/a/bc", True),
        ("/a/{x}-{y}", "/a/-b", False),
        ("/a/{x}-{y}", "/a/--b", True),
        ("/a/{x", "/a/b", False),
    ],
)
def test_templates_of_many_parameters(template: str, path: str, same: bool) -> None:
    assert matches(template, path) is same


def test_a_value_is_weighed_no_further_than_asked() -> None:
    assert weight({"a": [1, 2], "b": "x" * 2_000}, 100) == 9
    assert weight([[]] * 1_000, 100) == 101


# -- the generator -------------------------------------------------------------------------------------


def asked(schema: Any) -> str:
    return json.dumps([schema, 1])


HEAVY = {
    "type": "array",
    "minItems": 40,
    "items": {"type": "array", "minItems": 40, "items": {"$ref": "#/$defs/A"}},
}
ENDLESS = {
    "$defs": {
        "A": {"type": "array", "minItems": 40, "items": HEAVY["items"]},
        "B": {"pattern": "^(a|b)*c{9}$"},
    },
    **HEAVY,
}


def test_a_generator_that_takes_too_long_is_ended_and_the_next_value_is_had_from_another() -> None:
    begun, one = time.monotonic(), generating.Generating(longest=0.01)
    assert one.ask(asked(ENDLESS)) == generator.NOTHING
    assert one.killed == 1
    one.longest = 60
    plain = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "pattern": "^[a-c]{5}$"}},
    }
    assert json.loads(one.ask(asked(plain)))
    one.end()
    assert time.monotonic() - begun < HANG


def test_after_several_no_other_is_tried() -> None:
    one = generating.Generating(longest=0.001)
    for _ in range(generating.MOST_KILLED):
        one.ask(asked(ENDLESS))
    one.longest = 60
    assert one.ask(asked({"type": "object"})) == generator.NOTHING
    one.end()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
def test_a_generator_cannot_fill_memory() -> None:
    code = (
        "from harness.payloads import generator\n"
        "generator._bound_memory()\n"
        "try:\n    x = bytearray(2 * generator.MEMORY)\nexcept MemoryError:\n    print('bounded')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG)
    assert done.stdout == "bounded\n", done.stderr


def test_nothing_outside_of_a_schema_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"const": "never to be seen"}')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
        one = generating.Generating(longest=60)
        for reference in (secret.as_uri(), url):
            for schema in (
                only({"$ref": reference}),
                only({"enum": [{"$ref": reference}]}),
                only({"examples": [{"$ref": reference}], "type": "string", "pattern": "^[ab]{7}$"}),
            ):
                assert "never to be seen" not in one.ask(asked(schema))
        one.end()
        with pytest.raises(TimeoutError):
            listener.accept()


# -- surveys and runs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["allOf", "required", "many paths", "half a pair", "long text"])
def test_a_survey_of_a_bomb_finds_the_resource_beside_it(name: str) -> None:
    api = Api(collections=("/notes", "/bombs"), document=json.loads(json.dumps(BOMBS[name]())))
    with servers.http(api) as server:
        found = surveyed(server.url, profile={"only": ["bombs", "notes"]})
    known = {one.name: one for one in found.profile.resources}
    assert known["notes"].capabilities["create"].there
    assert known["notes"].body is not None or known["notes"].create_schema is not None
    assert found.sample_ids["notes"]
    assert reported(found.leftovers) == set(api.items)


def reported(urls: list[str]) -> set[str]:
    """Paths of leftovers: an item that took nothing of what was sent cannot be recognised, and is not removed."""
    assert len(urls) <= 2
    return {f"/{url.split('/', 3)[3].partition(':')[0]}" for url in urls}


def test_a_run_says_what_was_given_up_and_tests_the_rest(tmp_path: Path) -> None:
    before = system.getrusage(system.RUSAGE_CHILDREN).ru_maxrss
    api = Api(collections=("/notes", "/bombs"), document=json.loads(json.dumps(BOMBS["allOf"]())))
    with servers.http(api) as server:
        done = run(tmp_path, "--target-url", server.url, "--effects", "write", "-k", "METH-001 or METH-009")
    assert "the body of POST /bombs expands without end: allOf of L9 was ignored" in done.out
    assert "bombs: no body could be generated from the schema of POST /bombs" in done.out
    verdicts = {(one["rule"], one["resource"]): one["verdict"] for one in done.report["findings"]}
    assert verdicts["METH-001", "notes"] == "pass", done.out
    assert verdicts["METH-001", "bombs"] == "inconclusive"
    assert reported(done.report["leftovers"]) == set(api.items)
    # Kilobytes; a run of a sound document takes about a fifth of it.
    assert system.getrusage(system.RUSAGE_CHILDREN).ru_maxrss < max(before, 1_500_000)


def test_a_document_that_cannot_be_read_leaves_the_run_without_one(tmp_path: Path) -> None:
    class Laughing(Api):
        def __call__(self, seen: servers.Seen) -> servers.Answer:
            if seen.path == "/openapi.yaml":
                return servers.Answer(200, laughs(), [("Content-Type", "application/yaml")])
            return super().__call__(seen)

    with servers.http(Laughing()) as server:
        found = surveyed(server.url)
    assert any("alias bomb" in line for line in found.warnings)
    assert threading.active_count() < 50
