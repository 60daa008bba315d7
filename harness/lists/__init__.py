"""Lists read page by page: what a page tells, how a traversal goes on, and how it is judged."""
