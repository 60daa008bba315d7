"""GraphQL over HTTP: requests, statuses, execution, limits, and who may do what."""

CODE = "GQL"
TITLE = "GraphQL over HTTP"
ORDER = 24
