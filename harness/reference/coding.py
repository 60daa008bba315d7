"""Content codings of responses: gzip, where the caller accepts it and there is enough to gain."""

from __future__ import annotations

import gzip

from harness.reference.call import Call, Reply

GZIP = "gzip"


class Coding:
    """Proactive negotiation of gzip over identity (RFC 9110 sections 8.4 and 12.5.3)."""

    least = 1024
    """Bytes below which nothing is coded."""

    def choose(self, call: Call, content: bytes) -> str | None:
        """The content coding of the selected representation; None for identity."""
        if len(content) < self.least:
            return None
        weights = self.weights(call.values("accept-encoding") or "")
        weight = weights.get(GZIP, weights.get("x-gzip", weights.get("*", 0.0)))
        return GZIP if weight > 0 and weight >= weights.get("identity", 0.0) else None

    def weights(self, value: str) -> dict[str, float]:
        """The weight of each coding that Accept-Encoding names (RFC 9110 section 12.4.2)."""
        found = {}
        for element in value.split(","):
            name, *parameters = (part.strip().lower() for part in element.split(";"))
            if name:
                found[name] = self.weight(parameters)
        return found

    def weight(self, parameters: list[str]) -> float:
        """The q parameter; 1 where it is absent, 0 where it is no number."""
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    return float(value)
                except ValueError:
                    return 0.0
        return 1.0

    def tag(self, etag: str | None, coding: str | None) -> str | None:
        """The entity tag of a coded representation: other bytes, other strong tag (RFC 9110 section 8.8.3.3)."""
        return etag if etag is None or coding is None else f'{etag[:-1]}-{coding}"'

    def uncoded(self, tag: str) -> str:
        """The entity tag without what `tag()` adds: a write may be based on either representation."""
        return f'{tag[: -len(GZIP) - 2]}"' if tag.endswith(f'-{GZIP}"') else tag

    def encode(self, reply: Reply, coding: str | None) -> Reply:
        """The reply in that coding; without a time in it, so that equal content has equal bytes."""
        if coding is not None:
            reply.body = self.coded(reply.body)
            reply.fields["Content-Encoding"] = coding
        return reply

    def coded(self, content: bytes) -> bytes:
        """The bytes in gzip."""
        return gzip.compress(content, mtime=0)
