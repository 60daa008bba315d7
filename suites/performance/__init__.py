"""Latency against declared objectives, its tail, and how it grows with depth and size of pages."""

CODE = "PERF"
TITLE = "latency"
ORDER = 23
