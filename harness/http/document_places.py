"""Where frameworks serve the OpenAPI document of an API."""

from __future__ import annotations

USUAL = (
    "/openapi.json",
    "/openapi.yaml",
    "/swagger.json",
    "/v3/api-docs",
    "/v2/api-docs",
    "/api-docs",
    "/__api__",
    "/swagger/v1/swagger.json",
    "/docs/openapi.json",
)
"""Paths below the target URL, likeliest first."""
