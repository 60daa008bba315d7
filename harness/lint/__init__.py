"""Passive lint: every response of the survey goes through httplint, and its notes are sorted by our own table."""
