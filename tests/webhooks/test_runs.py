"""Whole runs of the suite: without webhooks, with a receiver that is registered by hand, and without deliveries."""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
from contextlib import closing

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.reference.server import demo
from harness.reference.webhook_sender import Sender, Subscription
from harness.reference.webhooks import Webhooks
from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import listed, run_of

HOOK = [code for code in listed() if code.startswith("HOOK-")]
ONLY = 'only = ["documents"]\n'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def verdicts(report):
    return {one.rule: one.verdict for one in report.findings}


def test_where_nothing_declares_webhooks_no_rule_applies_and_none_sends_anything():
    with demo() as (url, _):
        report = run_of(HOOK, url, "--effects", "write", profile=ONLY)
    assert set(verdicts(report).values()) == {Verdict.NOT_APPLICABLE}
    assert not any(one.exchanges for one in report.findings)


def free_port() -> int:
    """A port that is free, of those that no client gets by chance."""
    for offset in range(2000):
        port = 20_000 + (os.getpid() + offset) % 10_000
        with closing(socket.socket()) as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@pytest.mark.parametrize("right", [True, False], ids=["the right secret", "another secret"])
def test_a_receiver_that_is_registered_by_hand_is_judged_by_one_receiver(right):
    port = free_port()

    class Registered(Webhooks):
        def __init__(self) -> None:
            super().__init__()
            hook = Subscription(
                "wh_1", "alice", f"http://127.0.0.1:{port}/hook", ["document.created"], [SECRET]
            )
            self.subscriptions["wh_1"] = hook

    profile = (
        f'{ONLY}[webhooks]\nlisten = "127.0.0.1:{port}"\nsignature = "standard"\nwait = 10\nretry_wait = 4\n'
        f'shared_secret = "{SECRET if right else "whsec_" + "A" * 32}"\n'
        '[webhooks.events]\n"document.created" = "documents"\n'
    )
    with served({"webhooks": Registered}) as url:
        found = verdicts(run_of(HOOK, url, "--effects", "write", profile=profile))
    assert found["HOOK-004"] is (Verdict.PASS if right else Verdict.FAIL)
    for code in ("HOOK-003", "HOOK-005", "HOOK-006", "HOOK-009"):
        assert found[code] is Verdict.PASS, code
    for code in ("HOOK-001", "HOOK-002", "HOOK-007", "HOOK-008", "HOOK-011", "HOOK-012"):
        assert found[code] is Verdict.NOT_APPLICABLE, code


def test_what_never_arrives_is_inconclusive_and_says_what_was_tried():
    class Silent(Webhooks):
        def wants(self, subscription, kind):
            return False

    profile = (
        f'{ONLY}[webhooks]\nsubscribe = "/webhooks"\nbody = {{ url = "{{url}}", events = ["{{event}}"] }}\n'
        'wait = 0.5\n[webhooks.events]\n"document.created" = "documents"\n'
    )
    with served({"webhooks": Silent}) as url:
        report = run_of(["HOOK-003", "HOOK-009"], url, "--effects", "write", profile=profile)
    for one in report.findings:
        assert one.verdict is Verdict.INCONCLUSIVE
        assert "nothing arrived within 0.5 s at http://127.0.0.1:" in one.reason
    assert not report.leftovers


def authority() -> str:
    """PEM of the certificate and the key of a new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    return text.decode()


@pytest.mark.parametrize("names", [True, False], ids=["names are compared", "names are not compared"])
def test_a_certificate_of_another_name_takes_an_authority_that_the_target_trusts(tmp_path, names):
    pem = authority()
    (tmp_path / "authority.pem").write_text(pem)
    context = ssl.create_default_context(cadata=pem[pem.index("-----BEGIN CERTIFICATE") :])
    context.check_hostname = names

    class Trusts(Sender):
        def trust(self):
            return context

    profile = (
        f'{ONLY}[webhooks]\nsubscribe = "/webhooks"\nbody = {{ url = "{{url}}", events = ["{{event}}"] }}\n'
        f'authority = "{tmp_path / "authority.pem"}"\nwait = 10\n'
        '[webhooks.events]\n"document.created" = "documents"\n'
    )
    with served({"webhooks": lambda: Webhooks(Trusts())}) as url:
        report = run_of(["HOOK-011"], url, "--effects", "write", profile=profile)
    (found,) = report.findings
    assert found.verdict is (Verdict.PASS if names else Verdict.WARN), found
    if not names:
        assert found.breaches[0].expected.endswith("certificate is that of another name")
