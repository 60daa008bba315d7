"""Bottle: an index of links at `/`, items with `href` and no id, creates answered by 201 and a Location alone."""

import itertools
import json
import sys

from bottle import HTTPResponse, default_app, delete, get, post, put, request, run

coins, numbers = {}, itertools.count(7)


def answer(status, value=None, **fields):
    text = "" if value is None else json.dumps(value)
    return HTTPResponse(text, status, {"Content-Type": "application/json", **fields})


def shown(number):
    return {"href": f"/coins/{number}", **coins[number]}


def checked():
    try:
        body = json.loads(request.body.read())
    except ValueError:
        return None
    right = (
        isinstance(body, dict)
        and isinstance(body.get("country"), str)
        and isinstance(body.get("value"), (int, float))
    )
    return {"country": body["country"], "value": body["value"]} if right else None


REFUSED = {
    "message": "Validation failed",
    "fields": [
        {"field": "country", "reason": "must be a string"},
        {"field": "value", "reason": "must be a number"},
    ],
}


@get("/")
def index():
    return answer(200, {"links": [{"rel": "coins", "href": "/coins"}]})


@get("/coins")
def listed():
    return answer(200, {"coins": [shown(one) for one in coins]})


@post("/coins")
def create():
    coin = checked()
    if coin is None:
        return answer(400, REFUSED)
    number = next(numbers)
    coins[number] = coin
    return answer(201, None, Location=f"/coins/{number}")


@get("/coins/<number:int>")
def read(number):
    return answer(200, shown(number)) if number in coins else answer(404, {"message": "no such coin"})


@put("/coins/<number:int>")
def replace(number):
    if number not in coins:
        return answer(404, {"message": "no such coin"})
    coin = checked()
    if coin is None:
        return answer(400, REFUSED)
    coins[number] = coin
    return answer(204)


@delete("/coins/<number:int>")
def remove(number):
    return answer(204) if coins.pop(number, None) else answer(404, {"message": "no such coin"})


run(default_app(), host="127.0.0.1", port=int(sys.argv[1]), quiet=True)
