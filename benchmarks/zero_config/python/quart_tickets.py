"""Quart-Schema: tickets, /openapi.json; errors are empty JSON objects with a status."""

import sys
from dataclasses import dataclass

from quart import Quart, abort
from quart_schema import QuartSchema, validate_request, validate_response

app = Quart(__name__)
QuartSchema(app)
tickets = {}


@dataclass
class NewTicket:
    subject: str
    urgent: bool = False


@dataclass
class Ticket(NewTicket):
    id: int = 0


@dataclass
class Tickets:
    tickets: list[Ticket]


@app.get("/tickets")
@validate_response(Tickets)
async def list_tickets():
    return Tickets(list(tickets.values()))


@app.post("/tickets")
@validate_request(NewTicket)
@validate_response(Ticket, 201)
async def create_ticket(data: NewTicket):
    number = max(tickets, default=0) + 1
    tickets[number] = Ticket(data.subject, data.urgent, number)
    return tickets[number], 201


@app.get("/tickets/<int:number>")
@validate_response(Ticket)
async def read_ticket(number: int):
    return tickets.get(number) or abort(404)


@app.put("/tickets/<int:number>")
@validate_request(NewTicket)
@validate_response(Ticket)
async def replace_ticket(number: int, data: NewTicket):
    if number not in tickets:
        abort(404)
    tickets[number] = Ticket(data.subject, data.urgent, number)
    return tickets[number]


@app.delete("/tickets/<int:number>")
async def delete_ticket(number: int):
    if tickets.pop(number, None) is None:
        abort(404)
    return "", 204


app.run(port=int(sys.argv[1]), use_reloader=False)
