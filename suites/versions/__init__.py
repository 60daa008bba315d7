"""What clients of an older contract rely on: notice of deprecation, and changes that do not break them."""

CODE = "VERS"
TITLE = "versions and compatibility"
ORDER = 19
