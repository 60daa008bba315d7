"""Survey: what the target's OpenAPI document says, and what a few dozen polite requests show."""
