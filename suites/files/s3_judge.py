"""What responses of a store with the API of S3 say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from .tus_judge import number


def element(content: str, name: str) -> str | None:
    """The text of the first element of that name that has no elements in it; None without one."""
    found = re.search(rf"<(?:\w+:)?{name}(?:\s[^<>]*)?>([^<]*)</", content)
    return None if found is None else unescape(found.group(1)).strip()


def listed_parts(content: str) -> dict[int, int]:
    """Sizes of the parts in the response to ListParts, by their numbers."""
    found = re.findall(r"<(?:\w+:)?Part(?:\s[^<>]*)?>(.*?)</(?:\w+:)?Part>", content, re.S)
    pairs = [(number(element(one, "PartNumber")), number(element(one, "Size"))) for one in found]
    return {one: size for one, size in pairs if one is not None and size is not None}


def completion(parts: Iterable[tuple[int, str]]) -> bytes:
    """The content of CompleteMultipartUpload.

    Args:
        parts: numbers and entity tags.
    """
    inner = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tag)}</ETag></Part>" for number, tag in parts
    )
    return f"<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>".encode()


def completed(status: int, content: str) -> bool:
    """Whether a response says that parts became an object: S3 may answer 200 with an error in the content."""
    return 200 <= status < 300 and element(content, "Code") is None and "<Error" not in content
