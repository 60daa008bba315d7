"""The OpenAPI document compared with the responses of the target."""

CODE = "DOC"
TITLE = "OpenAPI"
ORDER = 11
