"""Latency and availability against declared objectives, measured with an open loop and confidence bounds."""

CODE = "PERF"
TITLE = "latency"
ORDER = 23
