"""What the OpenAPI document declares, and the target's answers deny."""

CODE = "DOC"
TITLE = "the document"
ORDER = 11
