"""Removes an object of a store with the API of S3: under a presigned URL that is made when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from harness.http.presigned_urls import Signer, parameters_of
from harness.ledger.entries import Entry
from harness.rules.checks import inconclusive

LIFETIME = 600
"""Seconds for which a URL is valid."""


def signer_of(private: Mapping[str, str]) -> Signer | None:
    """Who signs, by what a target keeps of the profile; None where the profile names no store."""
    if "s3_secret" not in private:
        return None
    return Signer(private["s3_key_id"], private["s3_secret"], private["s3_region"])


def delete_signed(entry: Entry, **hints: bool) -> httpx.Response:
    """DELETE what an entry names: an object, or an upload in parts by its `uploadId`.

    Raises:
        Undecided: the profile names no store.
    """
    signer = signer_of(entry.client.target.private)
    if signer is None:
        inconclusive("its DELETE must be signed: give the profile with [files.s3]")
    place, _, query = entry.url.partition("?")
    url = signer.presigned("DELETE", place, datetime.now(UTC), LIFETIME, parameters=parameters_of(query))
    return entry.client.under(None).delete(url, **hints)
