"""Webhooks: subscriptions, what is delivered to whom, signatures, retries, and receivers that fail."""

CODE = "HOOK"
TITLE = "webhooks"
ORDER = 21
