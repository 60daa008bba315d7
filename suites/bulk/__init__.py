"""Batches: several items in one request, what becomes of each, and that none is treated unlike a single one."""

CODE = "BULK"
TITLE = "bulk and batches"
ORDER = 26
