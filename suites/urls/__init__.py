"""The design of URLs, links between resources, and what describes them."""

CODE = "URL"
TITLE = "URLs and links"
ORDER = 14
