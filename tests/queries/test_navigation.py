"""`$expand` of OData against the paths of navigation properties: literal answers that hold and that break."""

from __future__ import annotations

from harness.survey.infer.odata import Metadata
from suites.queries.navigation import entities, navigation_faults, nested

ADA = {"ID": 1, "name": "Ada", "born": 1815}
BOB = {"ID": 2, "name": "Bob", "born": 1900}
METADATA = """<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Shop">
<EntityContainer Name="C"><EntitySet Name="Books" EntityType="Shop.Book"/></EntityContainer>
<EntityType Name="Thing"><NavigationProperty Name="owner" Type="Shop.Author"/></EntityType>
<EntityType Name="Book" BaseType="Shop.Thing"><Key><PropertyRef Name="ID"/></Key>
<Property Name="ID" Type="Edm.Int32"/><NavigationProperty Name="authors" Type="Collection(Shop.Author)"/></EntityType>
<EntityType Name="Author"/></Schema></edmx:DataServices></edmx:Edmx>"""


def test_navigation_properties() -> None:
    metadata = Metadata(METADATA)
    assert metadata.relations(metadata.sets["Books"]) == {"owner": "Shop.Author", "authors": "Shop.Author"}
    assert metadata.relations("Shop.Author") == {}
    assert metadata.relations("") == {}


def test_paths() -> None:
    assert nested([]) == ""
    assert nested(["author"]) == "author"
    assert nested(["author", "books", "author"]) == "author($expand=books($expand=author))"


def test_entities_of_a_response() -> None:
    assert entities({"@odata.context": "c", **ADA}) == [ADA]
    assert entities({"value": [ADA, BOB]}) == [ADA, BOB]
    assert entities({"value": []}) == []
    assert entities({"@odata.context": "c"}) is None
    assert entities([ADA]) is None


def test_what_holds() -> None:
    assert navigation_faults({"@odata.etag": "x", **ADA}, [ADA], [ADA]) == []
    assert navigation_faults([BOB, ADA], [ADA, BOB], [ADA, BOB]) == []
    assert navigation_faults(None, [], []) == []
    # Servers page what is embedded, too.
    many = [{"ID": number, "name": "x"} for number in range(20)]
    assert navigation_faults(many[:10], many, many) == []
    # It changed in between, or nothing tells which is which.
    assert navigation_faults(ADA, [ADA], [{**ADA, "name": "Eve"}]) == []
    assert navigation_faults(ADA, [ADA], [BOB]) is None
    assert navigation_faults([{"name": "Ada"}], [ADA], [ADA]) is None


def test_what_breaks() -> None:
    assert navigation_faults({**ADA, "name": "Eve"}, [ADA], [ADA]) == [
        "name is 'Eve', and 'Ada' in the resource itself"
    ]
    assert navigation_faults(BOB, [ADA], [ADA]) == ["2 is embedded, and the path does not answer it"]
    assert navigation_faults([ADA], [ADA, BOB], [ADA, BOB]) == ["2 is not embedded, and the path answers it"]
    assert navigation_faults(None, [ADA], [ADA]) == ["nothing is embedded, and the path answers 1"]
