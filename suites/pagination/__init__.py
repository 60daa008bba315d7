"""Paged lists: page size, parameters, links, cursors and order, also while other clients write."""

CODE = "PAGE"
TITLE = "pagination"
ORDER = 5
