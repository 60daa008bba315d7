"""Where the API is below the target URL: on literal paths of collections."""

from __future__ import annotations

import pytest

from harness.profile.models import common_root


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        ([], ""),
        ([""], ""),
        (["/items"], ""),
        (["/odata/v4/shop/Books"], "/odata/v4/shop"),
        (["/odata/v4/shop/Books", "/odata/v4/shop/Authors"], "/odata/v4/shop"),
        (["/odata/v4/shop/Books", "/odata/v4/stock/Lots"], "/odata/v4"),
        (["/v1/buckets", "/v1/buckets/{bucket}/collections"], "/v1"),
        (["/v1/buckets/", "/health"], ""),
        (["/v2/{name}/manifests"], ""),
        (["/v2/demo/tags/list", "/v2/demo/manifests/{id}"], "/v2/demo"),
        (["/api/v1/a", "/api/v10/b"], "/api"),
    ],
)
def test_the_api_begins_where_all_collections_do(paths: list[str], root: str) -> None:
    assert common_root(paths) == root
