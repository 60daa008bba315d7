"""Robyn: its own OpenAPI at /openapi.json, which has paths only and no schemas of bodies; refusals name one member."""

import json
import sys
import uuid

from robyn import Request, Response, Robyn

app = Robyn(__file__)
tasks = {}


def answer(status, value=None):
    text = "" if value is None else json.dumps(value)
    return Response(status_code=status, headers={"Content-Type": "application/json"}, description=text)


def checked(request):
    try:
        body = json.loads(request.body)
    except ValueError:
        return None, answer(400, {"error": "malformed JSON"})
    if not isinstance(body, dict) or not isinstance(body.get("title"), str):
        return None, answer(400, {"error": "title is required"})
    if not isinstance(body.get("done", False), bool):
        return None, answer(400, {"error": "done must be a boolean"})
    return {"title": body["title"], "done": body.get("done", False)}, None


@app.get("/tasks")
def listed(request: Request):
    return answer(200, list(tasks.values()))


@app.post("/tasks")
def create(request: Request):
    task, wrong = checked(request)
    if wrong:
        return wrong
    key = uuid.uuid4().hex
    tasks[key] = {"id": key, **task}
    return answer(201, tasks[key])


@app.get("/tasks/:id")
def read(request: Request):
    key = request.path_params["id"]
    return answer(200, tasks[key]) if key in tasks else answer(404, {"error": "no such task"})


@app.put("/tasks/:id")
def replace(request: Request):
    key = request.path_params["id"]
    if key not in tasks:
        return answer(404, {"error": "no such task"})
    task, wrong = checked(request)
    if wrong:
        return wrong
    tasks[key] = {"id": key, **task}
    return answer(200, tasks[key])


@app.delete("/tasks/:id")
def remove(request: Request):
    gone = tasks.pop(request.path_params["id"], None)
    return answer(204) if gone else answer(404, {"error": "no such task"})


app.start(host="127.0.0.1", port=int(sys.argv[1]))
