"""Survey: what the target's OpenAPI document says, and what at most 120 polite requests show."""
