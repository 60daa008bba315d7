"""SCH-006 on an API that gives the id of a deleted item again, as SQLite does with the number of the last row."""

from __future__ import annotations

from harness.reference.authenticator import ALICE
from harness.reference.call import Call
from harness.reference.endpoints import CollectionEndpoint
from tests.matrix.serving import served
from tests.sessions import run


class RowNumbers(CollectionEndpoint):
    """Ids are row numbers; that of the last row is given again once the row is deleted."""

    def new_identifier(self, call: Call) -> str:
        with call.store.read() as connection:
            rows = connection.execute("SELECT id FROM items WHERE kind = ?", (call.resource.name,)).fetchall()
        return str(max((int(id) for (id,) in rows), default=0) + 1)


def test_a_new_item_with_the_id_of_a_deleted_one_is_not_taken_for_that(tmp_path) -> None:
    with served({"collection": RowNumbers}) as url:
        given = ("--header", f"Authorization: Bearer {ALICE}", "--resource", "/documents")
        done = run(tmp_path, "--target-url", url, *given, "-m", "rule(code='SCH-006')")
    (finding,) = [one for one in done.report["findings"] if one["rule"] == "SCH-006"]
    assert finding["verdict"] == "advice"
    assert [one["expected"] for one in finding["breaches"]] == ["an id of its own for each item"]
