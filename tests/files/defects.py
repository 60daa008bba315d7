"""Defects of files: ranges, uploads and digests."""

from __future__ import annotations

DEFECTS = ()
