"""Header fields of all responses, as httplint reads them."""

CODE = "LINT"
TITLE = "header fields"
ORDER = 12
