"""What a profile says of browsers and TLS: origins, and mistakes in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from harness.bad_input import BadInput
from harness.profile.models import Tls
from harness.profile.read import load
from harness.profile.write import write
from harness.run.prepare import authority


def loaded(folder: Path, text: str) -> str:
    (folder / "conformance.toml").write_text(text)
    return write(load(None, folder, {}).profile)


@pytest.mark.parametrize(
    "origin", ["https://app.example.com", "http://localhost:3000", "http://[::1]:8080", "app://x", "*"]
)
def test_origins(tmp_path: Path, origin: str) -> None:
    assert f'["{origin}"]' in loaded(tmp_path, f'[cors]\nallowed_origins = ["{origin}"]\n')


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com/",
        "https://App.example.com",
        "https://app.example.com:443",
        "app.example.com",
        "https://user@app.example.com",
        "https://app.example.com:x",
        "null",
        "",
    ],
)
def test_what_no_browser_sends_as_an_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(BadInput, match=r"cors\.allowed_origins\[0\].*is not an origin as browsers send it"):
        loaded(tmp_path, f'[cors]\nallowed_origins = ["{origin}"]\n')


def test_no_origin_at_all_is_a_declaration(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("[cors]\nallowed_origins = []\n")
    cors = load(None, tmp_path, {}).profile.cors
    assert cors is not None
    assert cors.allowed_origins == []


@pytest.mark.parametrize(
    "origin", ["https://api.example.com", "api.example.com", "http://api.example.com/v1"]
)
def test_the_origin_without_tls(tmp_path: Path, origin: str) -> None:
    with pytest.raises(BadInput, match=r"tls\.plain.*is not an http origin"):
        loaded(tmp_path, f'[tls]\nplain = "{origin}"\n')


def test_an_authority_is_a_file_with_certificates(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for name, reason in (("none.pem", "No such file"), ("no.pem", "not certificates in PEM")):
        with pytest.raises(BadInput, match=rf"tls\.authority: {name} cannot be used \({reason}"):
            authority(Tls(authority=name), tmp_path, "conformance.toml")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert authority(Tls(authority="ca.pem"), tmp_path, "conformance.toml") == str(tmp_path / "ca.pem")
    assert authority(None, tmp_path, "conformance.toml") is None
