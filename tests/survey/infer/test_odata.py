"""Metadata documents of OData 4 (CSDL XML) as resources."""

from __future__ import annotations

import pytest

from harness import payloads
from harness.payloads.constraints import valid
from harness.profile.models import Resource
from harness.survey.infer.odata import Metadata, completed

SHOP = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Example.Shop" Alias="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EntityContainer Name="Container">
    <EntitySet Name="Orders" EntityType="S.Order"><Annotation Term="Core.Description" String="x"/></EntitySet>
    <EntitySet Name="Countries" EntityType="Example.Shop.Country"/>
    <EntitySet Name="Lines" EntityType="S.Line"/>
    <Singleton Name="Me" Type="S.Order"/>
  </EntityContainer>
  <EntityType Name="Base" Abstract="true"><Key><PropertyRef Name="ID"/></Key>
    <Property Name="ID" Type="Edm.Int32" Nullable="false"/></EntityType>
  <EntityType Name="Order" BaseType="S.Base">
    <Property Name="Title" Type="Edm.String" Nullable="false" MaxLength="20"/>
    <Property Name="Price" Type="Edm.Decimal" Precision="9" Scale="2" Nullable="false"/>
    <Property Name="State" Type="S.State" Nullable="false"/>
    <Property Name="Address" Type="S.Address" Nullable="false"/>
    <Property Name="Tags" Type="Collection(Edm.String)" Nullable="false"/>
    <Property Name="Count" Type="Edm.Int32" Nullable="false" DefaultValue="1"/>
    <Property Name="Made" Type="Edm.DateTimeOffset" Nullable="false">
      <Annotation Term="Org.OData.Core.V1.Computed"/></Property>
    <Property Name="Photo" Type="Edm.Stream" Nullable="false"/>
    <Property Name="Stars" Type="Edm.Byte"/>
    <NavigationProperty Name="Country" Type="S.Country"/>
  </EntityType>
  <EntityType Name="Country"><Key><PropertyRef Name="Code"/></Key>
    <Property Name="Code" Type="Edm.String" Nullable="false" MaxLength="2"/></EntityType>
  <EntityType Name="Line"><Key><PropertyRef Name="Order"/><PropertyRef Name="No"/></Key>
    <Property Name="Order" Type="Edm.Int32"/><Property Name="No" Type="Edm.Int32"/></EntityType>
  <ComplexType Name="Address"><Property Name="Street" Type="Edm.String" Nullable="false"/></ComplexType>
  <EnumType Name="State"><Member Name="Open"/><Member Name="Paid"/></EnumType>
  <Annotations Target="S.Order/Stars"><Annotation Term="Validation.Maximum" Int="5"/></Annotations>
  <Annotations Target="S.Container/Countries"><Annotation Term="Capabilities.InsertRestrictions">
    <Record><PropertyValue Property="Insertable" Bool="false"/></Record></Annotation></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>"""


def resource(name: str) -> Resource:
    found = Metadata(SHOP).resource(name)
    assert found is not None
    return found


def test_the_body_of_a_create() -> None:
    orders = resource("Orders")
    schema = orders.create_schema
    assert schema is not None
    assert schema["required"] == ["Title", "Price", "State", "Address", "Tags"]
    assert set(schema["properties"]) == {*schema["required"], "ID", "Count", "Stars"}
    assert schema["properties"]["Title"] == {"type": "string", "maxLength": 20}
    assert schema["properties"]["State"] == {"type": "string", "enum": ["Open", "Paid"]}
    assert schema["properties"]["Stars"] == {"type": "integer", "minimum": 0, "maximum": 5}
    assert schema["properties"]["Address"]["required"] == ["Street"]
    assert orders.read_only == ["Made"]
    for body in payloads.bodies(orders, 0):
        assert valid(schema, body)
        assert isinstance(body["Price"], float | int)


def test_keys() -> None:
    assert (resource("Orders").id, resource("Orders").item) == ("/ID", "/Orders({id})")
    assert (resource("Countries").id, resource("Countries").item) == ("/Code", "/Countries('{id}')")


def test_what_the_service_denies_is_absent() -> None:
    assert not resource("Countries").capabilities["create"].there
    assert "create" not in resource("Orders").capabilities


def test_a_singleton_is_no_resource() -> None:
    assert Metadata(SHOP).resource("Me") is None


@pytest.mark.parametrize("content", ["", "<a", "not XML", '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "<a/>"])
def test_other_content_changes_nothing(content: str) -> None:
    found = [Resource(collection="/Orders")]
    assert completed(found, content) == found
