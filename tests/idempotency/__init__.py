"""Tests of the idempotency suite beyond its defects."""
