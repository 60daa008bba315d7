"""Long-running operations: where a client watches them, what they show until they end, and how they fail."""

CODE = "LRO"
TITLE = "long-running operations"
ORDER = 20
