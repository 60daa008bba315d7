"""BlackSheep: cards with UUIDs, OpenAPI from its handler at /openapi.json; an update is a PUT."""

import sys
import uuid
from dataclasses import dataclass

import uvicorn
from blacksheep import Application, created, delete, get, json, no_content, not_found, post, put
from blacksheep.server.openapi.v3 import OpenAPIHandler
from openapidocs.v3 import Info

app = Application()
OpenAPIHandler(info=Info(title="Cards", version="1.0.0")).bind_app(app)


@dataclass
class CardInput:
    title: str
    points: int


@dataclass
class Card:
    id: uuid.UUID
    title: str
    points: int


cards: dict[uuid.UUID, Card] = {}


@get("/cards")
def listed() -> list[Card]:
    return list(cards.values())


@post("/cards")
def create(data: CardInput):
    made = Card(uuid.uuid4(), data.title, data.points)
    cards[made.id] = made
    return created(made, f"/cards/{made.id}")


@get("/cards/{card_id}")
def read(card_id: uuid.UUID) -> Card:
    return json(cards[card_id]) if card_id in cards else not_found()


@put("/cards/{card_id}")
def replace(card_id: uuid.UUID, data: CardInput) -> Card:
    if card_id not in cards:
        return not_found()
    cards[card_id] = Card(card_id, data.title, data.points)
    return json(cards[card_id])


@delete("/cards/{card_id}")
def remove(card_id: uuid.UUID):
    return no_content() if cards.pop(card_id, None) else not_found()


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
