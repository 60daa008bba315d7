"""Judging error responses: pure functions over exchanges and bodies, one topic a file."""
