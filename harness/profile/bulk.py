"""Operations that create several items in one request."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.profile.values import Model, Path, Pointer


class Bulk(Model):
    """A POST with several items, or several requests, in it."""

    path: Path = Field(description="Path to which the POST is sent, such as /orders/batch.")
    resource: str | None = Field(
        None,
        description="Name of the resource whose items it creates; when omitted, the one that the path is below, or for "
        "a batch of requests any.",
    )
    shape: Literal["items", "requests", "odata", "odata-multipart", "scim"] | None = Field(
        None,
        description="What is in a batch: items, requests with method, path and body, or the requests of OData (as "
        "JSON or as multipart) or SCIM; when omitted, what the document says, or else items.",
    )
    array: Pointer | None = Field(
        None,
        description="Location of the array in the content, such as /items; the content itself when empty.",
    )
    item: Pointer | None = Field(
        None, description="Location of the item in an element, such as /order; the element when empty."
    )
    mode: Literal["partial", "atomic"] | None = Field(
        None,
        description="Whether each item succeeds or fails for itself, or all together; found by asking when omitted.",
    )
    max: int | None = Field(None, ge=1, description="Most items in a batch, by the API's documentation.")
    item_keys: Pointer | None = Field(
        None,
        description="Location of an idempotency key in an element, such as /key; without it, items have none.",
    )
    batch_key: str | None = Field(
        None,
        pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        description="Name of the header field with an idempotency key of the whole batch, such as Idempotency-Key.",
    )
    async_threshold: int | None = Field(
        None, ge=1, description="Most items that are processed before the response; more are accepted (202)."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Bulk:
        if self.async_threshold is not None and self.max is not None and self.async_threshold >= self.max:
            raise ValueError("`async_threshold` must be less than `max`, or no batch would exceed it")
        return self
