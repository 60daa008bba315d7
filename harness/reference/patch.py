"""Patch formats: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902)."""

from __future__ import annotations

import copy
import re
from typing import Any, NoReturn

from harness.reference.errors import Problem
from harness.reference.reader import MERGE_PATCH

REQUIRED_MEMBERS = {
    "add": ("value",),
    "remove": (),
    "replace": ("value",),
    "move": ("from",),
    "copy": ("from",),
    "test": ("value",),
}


class Patcher:
    """Computes the patched document; the given one is never changed."""

    def apply(self, media_type: str, document: Any, patch: Any) -> Any:
        """The result of the patch, whole or not at all (RFC 5789 section 2)."""
        document = copy.deepcopy(document)
        if media_type == MERGE_PATCH:
            return self.merge(document, patch)
        for operation in self.operations(patch):
            document = self.operate(document, operation)
        return document

    def version(self, media_type: str, patch: Any) -> Any:
        """The version a patch is based on: a member of a merge patch, a test operation of a JSON Patch."""
        if media_type == MERGE_PATCH:
            return patch.get("version") if isinstance(patch, dict) else None
        tests = [o for o in self.operations(patch) if o["op"] == "test" and o["path"] == "/version"]
        return tests[0]["value"] if tests else None

    def merge(self, target: Any, patch: Any) -> Any:
        """MergePatch of RFC 7396 section 2."""
        if not isinstance(patch, dict):
            return patch
        target = target if isinstance(target, dict) else {}
        for name, value in patch.items():
            if value is None:
                target.pop(name, None)
            else:
                target[name] = self.merge(target.get(name), value)
        return target

    def operations(self, patch: Any) -> list[dict[str, Any]]:
        """The operations of a well-formed JSON Patch document (RFC 6902 section 4)."""
        if not isinstance(patch, list):
            self.malformed("A JSON Patch document is an array of operations.")
        for index, operation in enumerate(patch):
            if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
                self.malformed(f"Operation {index} has no op.")
            if operation["op"] not in REQUIRED_MEMBERS:
                raise Problem("unprocessable_patch", f"Operation {index} has an unknown op.")
            for name in ("path", *REQUIRED_MEMBERS[operation["op"]]):
                if name not in operation:
                    self.malformed(f"Operation {index} has no {name}.")
                if name in ("path", "from") and not self.is_pointer(operation[name]):
                    self.malformed(f"The {name} of operation {index} is not a JSON Pointer.")
        return patch

    def operate(self, document: Any, operation: dict[str, Any]) -> Any:
        """One operation (RFC 6902 section 4.1 to 4.6)."""
        op, path = operation["op"], self.steps(operation["path"])
        if op == "test":
            if not self.equal(self.get(document, path), operation["value"]):
                self.conflict("A test operation failed.")
            return document
        if op == "remove":
            return self.remove(document, path)
        if op == "replace":
            self.get(document, path)
            return self.replace(document, path, operation["value"])
        if op == "add":
            return self.add(document, path, operation["value"])
        origin = self.steps(operation["from"])
        value = copy.deepcopy(self.get(document, origin))
        if op == "move":
            if path[: len(origin)] == origin and path != origin:
                self.conflict("A location cannot be moved into one of its children.")
            document = self.remove(document, origin)
        return self.add(document, path, value)

    def get(self, document: Any, path: list[str]) -> Any:
        """The value at a location that must exist."""
        for step in path:
            if isinstance(document, dict) and step in document:
                document = document[step]
            elif isinstance(document, list):
                document = document[self.index(step, len(document) - 1)]
            else:
                self.conflict("A target location does not exist.")
        return document

    def add(self, document: Any, path: list[str], value: Any) -> Any:
        """Insert into an array, or set a member (RFC 6902 section 4.1)."""
        if not path:
            return value
        parent, last = self.get(document, path[:-1]), path[-1]
        if isinstance(parent, dict):
            parent[last] = value
        elif isinstance(parent, list):
            parent.insert(len(parent) if last == "-" else self.index(last, len(parent)), value)
        else:
            self.conflict("A target location does not exist.")
        return document

    def replace(self, document: Any, path: list[str], value: Any) -> Any:
        """Set an existing location (RFC 6902 section 4.3)."""
        if not path:
            return value
        parent, last = self.get(document, path[:-1]), path[-1]
        parent[last if isinstance(parent, dict) else int(last)] = value
        return document

    def remove(self, document: Any, path: list[str]) -> Any:
        """Take an existing location away (RFC 6902 section 4.2)."""
        self.get(document, path)
        if not path:
            return None
        parent, last = self.get(document, path[:-1]), path[-1]
        del parent[last if isinstance(parent, dict) else int(last)]
        return document

    def equal(self, left: Any, right: Any) -> bool:
        """Equality of JSON values (RFC 6902 section 4.6): numbers by value, and true is not 1."""
        if isinstance(left, bool) or isinstance(right, bool):
            return left is right
        if isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(map(self.equal, left, right))
        if isinstance(left, dict) and isinstance(right, dict):
            return left.keys() == right.keys() and all(self.equal(left[k], right[k]) for k in left)
        return bool(left == right)

    def is_pointer(self, value: object) -> bool:
        """Whether this is a JSON Pointer (RFC 6901 section 3)."""
        return isinstance(value, str) and re.fullmatch(r"(/([^~/]|~[01])*)*", value, re.DOTALL) is not None

    def steps(self, pointer: str) -> list[str]:
        """The reference tokens of a JSON Pointer (RFC 6901 section 4)."""
        return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]

    def index(self, step: str, last: int) -> int:
        """An array index without leading zeros, within bounds (RFC 6901 section 4)."""
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", step) or int(step) > last:
            self.conflict("An array index is out of range.")
        return int(step)

    def malformed(self, detail: str) -> NoReturn:
        """400 (RFC 5789 section 2.2)."""
        raise Problem("malformed_patch", detail)

    def conflict(self, detail: str) -> NoReturn:
        """409: the patch does not fit the state (RFC 5789 section 2.2)."""
        raise Problem("patch_conflict", detail)
