"""Lists read page by page: bounds, parameters, links, cursors, order, and pages read while others write."""

CODE = "PAGE"
TITLE = "pagination"
ORDER = 5
