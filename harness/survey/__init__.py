"""Survey: what the OpenAPI document says, and what polite requests show: 160 at most, unless the API is large."""
