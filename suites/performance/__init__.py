"""Latency: declared objectives, and its tail, measured with an open loop and confidence bounds."""

CODE = "PERF"
TITLE = "latency"
ORDER = 23
