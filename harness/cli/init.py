"""`python -m harness init URL`: survey a target and write its profile, conformance.toml."""

from __future__ import annotations

import argparse
import sys
import uuid
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bad_input import BadInput

if TYPE_CHECKING:
    from harness.cleanup.run_ledger import RunLedger
    from harness.client.client import Client
    from harness.profile.additions import Additions
    from harness.profile.models import Profile
    from harness.rules.rule import Effect
    from harness.survey.outcome import Survey
    from harness.target.target import Target


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("url", metavar="URL", help="base URL of the API, or `demo`")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'")
    for name, what in (
        ("resource", "PATH"),
        ("body", "NAME=JSON"),
        ("credential", "NAME=VALUE"),
    ):
        parser.add_argument(f"--{name}", action="append", default=[], metavar=what, help="as of a run")
    parser.add_argument(
        "--openapi", metavar="WHERE", help="document: a file, a path on the target, a URL; or none"
    )
    parser.add_argument("--profile", metavar="FILE", help="profile to start from")
    parser.add_argument(
        "--effects",
        choices=("read", "write"),
        help="what the survey may do to the target (default: write on a loopback address, else read)",
    )
    parser.add_argument("--insecure", action="store_true", help="do not verify TLS certificates")
    parser.add_argument(
        "--output", default="conformance.toml", metavar="FILE", help="`-` for standard output"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file")


def run(given: argparse.Namespace) -> int:
    """Survey the target and write the profile; `given.ledger` is set for the message of an interruption.

    Raises:
        BadInput: the target, the profile or the output file cannot be used.
    """
    from harness.atomic_files import write_text
    from harness.rules.rule import Effect
    from harness.run.prepare import served

    output = Path(given.output)
    if given.output != "-" and output.exists() and not given.force:
        raise BadInput(given.output, "the file exists already", "pass --force to overwrite it")
    chosen = None if given.effects is None else Effect[given.effects.upper()]
    with ExitStack() as stack:
        url, headers, _ = stack.enter_context(served(given.url, given.header))
        target, written = _target(given, url, headers, chosen)
        client = _client(target, stack)
        found, run_ledger = _survey(given, client, written, output)
        text = _profile(given, headers, client, found)
        sent = client.recorder.budget.sent
    clean = client.recorder.redactor.text
    if given.output == "-":
        print(text, end="")
    else:
        write_text(output, text)
        names = ", ".join(resource.name for resource in found.profile.resources) or "no resource"
        print(clean(f"{output}: {names}; {sent} requests sent"))
    for note in _notes(target, chosen, written, found, run_ledger):
        print(clean(f"note: {note}"), file=sys.stderr)
    return 0


def _target(
    given: argparse.Namespace, url: str, headers: list[str], chosen: Effect | None
) -> tuple[Target, Profile]:
    from harness.rules.rule import Effect
    from harness.run.entry import settled
    from harness.run.prepare import check_document, permitted, prepare
    from harness.target.target import Limits

    target, written = prepare(
        url,
        directory=Path.cwd(),
        profile=given.profile,
        headers=headers,
        additions=_additions(given),
        limits=Limits(effects=Effect.READ),
        insecure=given.insecure,
    )
    check_document(given.openapi or written.openapi)
    target, written = settled(target, written, given.openapi)
    limits = permitted(target.limits, chosen, written, target.url)
    # A survey sends no concurrent requests.
    limits = replace(limits, effects=min(limits.effects, Effect.WRITE))
    return replace(target, limits=limits), written


def _additions(given: argparse.Namespace) -> Additions:
    from harness.profile.additions import Additions

    return Additions(tuple(given.resource), tuple(given.body), tuple(given.credential))


def _client(target: Target, stack: ExitStack) -> Client:
    from harness.client.budget import Budget
    from harness.client.client import Client
    from harness.client.recorder import Recorder

    client = Client.open(target, Recorder(target, Budget(target.limits.max_requests), "s"))
    stack.callback(client.close)
    return client


def _survey(
    given: argparse.Namespace, client: Client, written: Profile, output: Path
) -> tuple[Survey, RunLedger]:
    """Survey the target, with a ledger beside the output file."""
    from harness.cleanup.run_ledger import RunLedger
    from harness.ledger.ledger import Ledger
    from harness.survey.ask.probe import survey

    openapi = False if given.openapi in ("none", "false") else given.openapi
    parents = Ledger()
    run = f"init-{uuid.uuid4().hex[:12]}"
    run_ledger = RunLedger.beside(output.parent if output.parent.is_dir() else Path.cwd(), run, parents)
    given.ledger = str(run_ledger.path)
    run_ledger.begin(client, "s.", run)
    try:
        found = survey(client, written, openapi, parents)
    finally:
        run_ledger.settle()
    return found, run_ledger


def _profile(given: argparse.Namespace, headers: list[str], client: Client, found: Survey) -> str:
    """The text of the profile: what was found, with references to variables in place of secrets."""
    from harness.profile import write as profile_write
    from harness.run.prepare import profile_of, together
    from harness.survey.evidence import comments, repeatable

    loaded = profile_of(given.profile, Path.cwd(), _additions(given))
    credentials = together(loaded.profile.credentials, headers)
    # Each resource has its own body now.
    update = {"credentials": credentials, "resources": repeatable(found), "bodies": {}}
    profile = found.profile.model_copy(update=update)
    return profile_write.write(
        profile,
        comments(profile, found.accepting),
        secrets=client.target.secrets,
        wanted=[(f"{one.because} wants a credential", one.lines) for one in found.missing],
        clean=client.recorder.redactor.values,
    )


def _notes(
    target: Target, chosen: Effect | None, written: Profile, found: Survey, run_ledger: RunLedger
) -> list[str]:
    """What the user should know besides the profile, one line each."""
    from harness.run.heading import held_back

    notes = []
    if why := held_back(target, chosen, written):
        notes.append(f"nothing was created: {why}")
    notes += found.warnings
    notes += [f"{touched.message}: its owner should look at it" for touched in run_ledger.touched]
    notes += [f"could not be removed: {url}" for url in run_ledger.leftovers]
    if not found.profile.resources:
        notes.append("no resource found; name one: --resource /orders")
    return notes
