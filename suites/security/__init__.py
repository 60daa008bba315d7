"""What protects the clients of an API: CORS, cookies, TLS, header fields, and how hostile input is met."""

CODE = "SEC"
TITLE = "security"
ORDER = 16
