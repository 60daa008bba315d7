"""Presigned URLs of S3 and its like: AWS Signature Version 4 in the query of a URL. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNATURE = "X-Amz-Signature"


@dataclass(frozen=True)
class Signer:
    """An access key, and where it is used.

    Attributes:
        key_id, secret: of the access key.
        region: such as us-east-1.
        service: such as s3.
    """

    key_id: str
    secret: str
    region: str = "us-east-1"
    service: str = "s3"

    def presigned(
        self,
        method: str,
        url: str,
        now: datetime,
        seconds: int,
        fields: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> str:
        """A URL that permits one request for a while.

        Args:
            method: of the request.
            url: absolute, without query.
            now: when it begins to be valid, in UTC.
            seconds: for which it is valid.
            fields: header fields, besides Host, that the request must have.
            parameters: of the query.
        """
        signed = {"host": urlsplit(url).netloc, **{k.lower(): v for k, v in (fields or {}).items()}}
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        query = {
            **(parameters or {}),
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.key_id}/{self._scope(moment)}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": ";".join(sorted(signed)),
        }
        path = urlsplit(url).path or "/"
        return f"{url}?{_query(query)}&{SIGNATURE}={self.signature(method, path, query, signed)}"

    def signature(self, method: str, path: str, query: Mapping[str, str], fields: Mapping[str, str]) -> str:
        """The signature of a request, in hex.

        Args:
            path: as it is sent.
            query: decoded parameters without the signature, X-Amz-Date among them.
            fields: values of the signed header fields by their names in lower case.
        """
        moment = query["X-Amz-Date"]
        lines = [method, path, _query(query), *(f"{name}:{fields[name].strip()}" for name in sorted(fields))]
        request = "\n".join([*lines, "", ";".join(sorted(fields)), "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join([ALGORITHM, moment, self._scope(moment), digest])
        key = f"AWS4{self.secret}".encode()
        for part in self._scope(moment).split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _scope(self, moment: str) -> str:
        return f"{moment[:8]}/{self.region}/{self.service}/aws4_request"


def _query(parameters: Mapping[str, str]) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parameters.items()
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def parameters_of(query: str) -> dict[str, str]:
    """The decoded parameters of a query, empty ones too."""
    return dict(parse_qsl(query, keep_blank_values=True))
