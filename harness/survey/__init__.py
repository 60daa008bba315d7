"""Survey: what the target's OpenAPI document says, and what at most 160 polite requests show."""
