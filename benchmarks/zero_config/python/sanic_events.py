"""Sanic with Sanic Extensions: cities, document at /docs/openapi.json."""

import sys
from dataclasses import dataclass

from sanic import Sanic, empty
from sanic import json as answer
from sanic.exceptions import NotFound
from sanic_ext import openapi, validate

app = Sanic("cities")
cities = {}


@dataclass
class City:
    name: str
    inhabitants: int


def found(number):
    if number not in cities:
        raise NotFound("no such city")
    return cities[number]


@app.get("/cities")
@openapi.definition(response={"application/json": list[City]})
async def list_cities(request):
    return answer([{"id": number, **one} for number, one in cities.items()])


@app.post("/cities")
@openapi.definition(body={"application/json": City})
@validate(json=City)
async def create_city(request, body: City):
    number = max(cities, default=0) + 1
    cities[number] = {"name": body.name, "inhabitants": body.inhabitants}
    return answer({"id": number, **cities[number]}, 201, headers={"Location": f"/cities/{number}"})


@app.get("/cities/<number:int>")
async def read_city(request, number: int):
    return answer({"id": number, **found(number)})


@app.put("/cities/<number:int>")
@openapi.definition(body={"application/json": City})
@validate(json=City)
async def replace_city(request, number: int, body: City):
    found(number)
    cities[number] = {"name": body.name, "inhabitants": body.inhabitants}
    return answer({"id": number, **cities[number]})


@app.delete("/cities/<number:int>")
async def delete_city(request, number: int):
    found(number)
    del cities[number]
    return empty()


app.run(port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)
