"""Requests and responses compared with the schemas of the OpenAPI document."""

CODE = "SCH"
TITLE = "schemas"
ORDER = 12
