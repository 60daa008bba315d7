"""Litestar: orders as msgspec-like dataclasses, cursors, /schema/openapi.json; PATCH only, no PUT."""

import dataclasses
import sys
from uuid import UUID, uuid4

import uvicorn
from litestar import Litestar, delete, get, patch, post
from litestar.exceptions import NotFoundException


@dataclasses.dataclass
class NewOrder:
    customer: str
    cents: int
    note: str | None = None


@dataclasses.dataclass
class Change:
    customer: str | None = None
    cents: int | None = None
    note: str | None = None


@dataclasses.dataclass
class Order:
    id: UUID
    customer: str
    cents: int
    note: str | None


@dataclasses.dataclass
class Page:
    items: list[Order]
    next_cursor: str | None


orders: dict[UUID, Order] = {}


def found(order_id: UUID) -> Order:
    if order_id not in orders:
        raise NotFoundException("no such order")
    return orders[order_id]


@get("/orders", sync_to_thread=False)
def list_orders(cursor: str | None = None, page_size: int = 10) -> Page:
    every = sorted(orders.values(), key=lambda one: str(one.id))
    rest = [one for one in every if cursor is None or str(one.id) > cursor]
    shown = rest[:page_size]
    return Page(shown, str(shown[-1].id) if len(rest) > len(shown) else None)


@post("/orders", sync_to_thread=False)
def create_order(data: NewOrder) -> Order:
    made = Order(uuid4(), data.customer, data.cents, data.note)
    orders[made.id] = made
    return made


@get("/orders/{order_id:uuid}", sync_to_thread=False)
def read_order(order_id: UUID) -> Order:
    return found(order_id)


@patch("/orders/{order_id:uuid}", sync_to_thread=False)
def change_order(order_id: UUID, data: Change) -> Order:
    given = {name: value for name, value in dataclasses.asdict(data).items() if value is not None}
    orders[order_id] = dataclasses.replace(found(order_id), **given)
    return orders[order_id]


@delete("/orders/{order_id:uuid}", sync_to_thread=False)
def delete_order(order_id: UUID) -> None:
    found(order_id)
    del orders[order_id]


app = Litestar([list_orders, create_order, read_order, change_order, delete_order])
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
