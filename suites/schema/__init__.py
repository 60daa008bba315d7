"""Requests and responses compared with the schemas of the OpenAPI document."""

CODE = "SCH"
TITLE = "Schemas"
ORDER = 12
