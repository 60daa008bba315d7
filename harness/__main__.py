"""`python -m harness`: what goes with a run.

Write a profile, make reports again, compare them, explain a rule, clean up.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
import uuid
from pathlib import Path

from harness.bad_input import BadInput
from harness.cli import check, cleanup, compare, explain, report
from harness.ledger.interrupt import INTERRUPTED, terminable

BAD_INPUT = 4


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 2 when it was interrupted, 4 when what was given cannot be used."""
    given = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What cannot be said in a terminal's encoding must not end a command.
            stream.reconfigure(errors="replace")
    try:
        with terminable(lambda: _left(given)):
            return int(given.run(given))
    except BrokenPipeError:
        # `| head` has seen enough. What is left must not be flushed into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BadInput as problem:
        print(f"ERROR: {problem}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(_left(given), file=sys.stderr)
        return INTERRUPTED


def _left(given: argparse.Namespace) -> str:
    """What to say of what an interrupted command has left."""
    ledger = getattr(given, "ledger", None)
    if ledger is None or not Path(ledger).exists():
        return "interrupted"
    return f"interrupted: to remove what is left: python -m harness cleanup {ledger}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m harness", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="survey a target and write conformance.toml")
    init.add_argument("url", metavar="URL", help="base URL of the API, or `demo`")
    init.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'")
    init.add_argument(
        "--openapi", metavar="WHERE", help="document: a file, a path on the target, a URL; or none"
    )
    init.add_argument("--profile", metavar="FILE", help="profile to begin with")
    init.add_argument(
        "--effects",
        choices=("read", "write"),
        help="roughest effect allowed (default: write on a loopback address, else read)",
    )
    init.add_argument("--insecure", action="store_true", help="do not verify TLS certificates")
    init.add_argument("--output", default="conformance.toml", metavar="FILE", help="`-` for standard output")
    init.add_argument("--force", action="store_true", help="overwrite the file")
    init.set_defaults(run=_init)

    schema = commands.add_parser("schema", help="print the JSON Schema of conformance.toml, or of a report")
    schema.add_argument("what", choices=("profile", "report"), nargs="?", default="profile")
    schema.set_defaults(run=_schema)

    for name, command, told in (
        ("report", report, "make the reports of a run again from its conformance.json"),
        ("compare", compare, "put the reports of several targets, or of one over time, side by side"),
        ("check", check, "say whether profiles can be used, without sending anything"),
        ("explain", explain, "say what a rule asks for, why, and how to mend what breaks it"),
        ("cleanup", cleanup, "remove what a run that was killed has left on the target"),
    ):
        parsed = commands.add_parser(name, help=told, description=command.__doc__)
        command.add(parsed)
        parsed.set_defaults(run=command.run)

    suites = commands.add_parser("suites", help="print where the suites are, to run them beside your own")
    suites.set_defaults(run=_suites)

    demo = commands.add_parser("demo", help="serve the reference API until Ctrl-C")
    demo.set_defaults(run=_demo)
    return parser


def _init(given: argparse.Namespace) -> int:
    from contextlib import ExitStack
    from dataclasses import replace

    from harness.atomic_files import write_text
    from harness.cleanup.run_ledger import Keeping
    from harness.client.budget import Budget
    from harness.client.client import Client
    from harness.client.recorder import Recorder
    from harness.ledger.ledger import Ledger
    from harness.profile import read as profile_file
    from harness.profile import write as profile_write
    from harness.rules.rule import Effect
    from harness.run.heading import held_back
    from harness.run.prepare import demo, permitted, prepare, together
    from harness.survey.ask.probe import survey
    from harness.survey.evidence import comments, repeatable
    from harness.target.target import Limits

    output = Path(given.output)
    if given.output != "-" and output.exists() and not given.force:
        raise BadInput(given.output, "there is such a file already", "pass --force to overwrite it")
    chosen = None if given.effects is None else Effect[given.effects.upper()]
    limits = Limits(effects=Effect.READ)
    headers = list(given.header)
    with ExitStack() as stack:
        url = given.url
        if url == "demo":
            url, token, _ = stack.enter_context(demo())
            headers.append(f"Authorization: Bearer {token}")
        target, written = prepare(
            url,
            directory=Path.cwd(),
            profile=given.profile,
            headers=headers,
            limits=limits,
            insecure=given.insecure,
            environ=os.environ,
        )
        limits = permitted(limits, chosen, written, target.url)
        # A survey races nobody.
        limits = replace(limits, effects=min(limits.effects, Effect.WRITE))
        target = replace(target, limits=limits)
        client = Client.open(target, Recorder(target, Budget(limits.max_requests), "s"))
        stack.callback(client.close)
        openapi = False if given.openapi in ("none", "false") else given.openapi
        parents = Ledger()
        run = f"init-{uuid.uuid4().hex[:12]}"
        keeping = Keeping.beside(output.parent if output.parent.is_dir() else Path.cwd(), run, parents)
        given.ledger = str(keeping.path)
        keeping.begin(client, "s.", run)
        try:
            found = survey(client, written, openapi, parents)
        finally:
            keeping.settle()
        loaded = profile_file.load(Path(given.profile) if given.profile else None, Path.cwd(), os.environ)
        credentials = together(loaded.profile.credentials, headers)
        profile = found.profile.model_copy(
            update={"credentials": credentials, "resources": repeatable(found)}
        )
        wanted = [(f"{one.because} wants a credential", one.lines) for one in found.missing]
        notes = comments(profile, found.accepting)
        clean = client.recorder.redactor
        text = profile_write.write(profile, notes, secrets=target.secrets, wanted=wanted, clean=clean.values)
        sent = client.recorder.budget.sent
    if given.output == "-":
        print(text, end="")
    else:
        write_text(output, text)
        names = ", ".join(resource.name for resource in found.profile.resources) or "no resource"
        print(clean.text(f"{output}: {names}; {sent} requests sent"))
    if why := held_back(target, chosen, written):
        print(f"note: nothing was created: {why}", file=sys.stderr)
    for warning in found.warnings:
        print(clean.text(f"note: {warning}"), file=sys.stderr)
    for touched in keeping.touched:
        print(clean.text(f"note: {touched.told}: its owner should look at it"), file=sys.stderr)
    for url in parents.leftovers:
        print(clean.text(f"note: could not be removed: {url}"), file=sys.stderr)
    if not found.profile.resources:
        print('note: no resource found; add [[resources]] with collection = "/..."', file=sys.stderr)
    return 0


def _schema(given: argparse.Namespace) -> int:
    if given.what == "report":
        from harness.report import json_file

        schema = json_file.schema()
    else:
        from harness.profile import read as profile_file

        schema = profile_file.schema()
    print(json.dumps(schema, indent=2))
    return 0


def _suites(given: argparse.Namespace) -> int:
    from harness.rules.suites import suites_folder

    print(suites_folder())
    return 0


def _demo(given: argparse.Namespace) -> int:
    from harness.run.prepare import demo

    with demo() as (url, token, _):
        print(f"{url}\nAuthorization: Bearer {token}", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
