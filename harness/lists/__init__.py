"""Lists read page by page: the paging data of a page, how a traversal continues, and how it is judged."""
