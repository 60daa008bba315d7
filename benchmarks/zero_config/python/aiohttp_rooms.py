"""aiohttp without a document: `/` maps names to URLs; a list in `rooms`, one room in `room`; errors as text."""

import itertools
import sys

from aiohttp import web

rooms, numbers = {}, itertools.count(1)


def found(request):
    number = request.match_info["number"]
    if not number.isdigit() or int(number) not in rooms:
        raise web.HTTPNotFound
    return rooms[int(number)]


async def checked(request):
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="invalid JSON") from None
    room = body.get("room") if isinstance(body, dict) else None
    if not isinstance(room, dict):
        raise web.HTTPUnprocessableEntity(text='{"error": "room: required"}', content_type="application/json")
    wrong = [name for name in ("name", "floor") if name not in room]
    problems = {one: ["is missing"] for one in wrong}
    if not wrong and not isinstance(room["floor"], int):
        problems["floor"] = ["must be an integer"]
    if not wrong and not isinstance(room["name"], str):
        problems["name"] = ["must be a string"]
    if problems:
        return web.json_response({"errors": problems}, status=422)
    return {"name": room["name"], "floor": room["floor"]}


async def index(request):
    return web.json_response({"rooms": str(request.url.with_path("/rooms"))})


async def listed(request):
    offset, limit = int(request.query.get("offset", 0)), int(request.query.get("limit", 20))
    some = list(rooms.values())[offset : offset + limit]
    return web.json_response({"rooms": some, "offset": offset, "limit": limit, "total": len(rooms)})


async def create(request):
    room = await checked(request)
    if isinstance(room, web.Response):
        return room
    number = next(numbers)
    rooms[number] = {"id": number, **room}
    return web.json_response({"room": rooms[number]}, status=201, headers={"Location": f"/rooms/{number}"})


async def read(request):
    return web.json_response({"room": found(request)})


async def replace(request):
    old, room = found(request), await checked(request)
    if isinstance(room, web.Response):
        return room
    rooms[old["id"]] = {"id": old["id"], **room}
    return web.json_response({"room": rooms[old["id"]]})


async def remove(request):
    del rooms[found(request)["id"]]
    return web.Response(status=204)


app = web.Application()
app.add_routes(
    [
        web.get("/", index),
        web.get("/rooms", listed),
        web.post("/rooms", create),
        web.get("/rooms/{number}", read),
        web.put("/rooms/{number}", replace),
        web.delete("/rooms/{number}", remove),
    ]
)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
