"""Falcon: an index of links at /, no document; the id of a new item is only in Location."""

import json
import sys
from hashlib import sha256
from uuid import uuid4
from wsgiref.simple_server import make_server

import falcon

tasks = {}


class Root:
    def on_get(self, req, resp):
        resp.media = {"_links": {"self": {"href": "/"}, "tasks": {"href": "/tasks"}}}


class Tasks:
    def on_get(self, req, resp):
        resp.media = {"tasks": [{"key": key, **one} for key, one in tasks.items()]}

    def on_post(self, req, resp):
        body = req.get_media()
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            raise falcon.HTTPUnprocessableEntity(
                title="Invalid", description="'title' is required, and a string"
            )
        key = uuid4().hex[:12]
        tasks[key] = {"title": body["title"], "done": bool(body.get("done"))}
        resp.status, resp.location = falcon.HTTP_201, f"/tasks/{key}"


class Task:
    def on_get(self, req, resp, key):
        if key not in tasks:
            raise falcon.HTTPNotFound()
        resp.media = {"key": key, **tasks[key]}
        resp.etag = sha256(json.dumps(tasks[key]).encode()).hexdigest()[:16]

    def on_put(self, req, resp, key):
        body = req.get_media()
        if key not in tasks:
            raise falcon.HTTPNotFound()
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            raise falcon.HTTPUnprocessableEntity(
                title="Invalid", description="'title' is required, and a string"
            )
        tasks[key] = {"title": body["title"], "done": bool(body.get("done"))}
        resp.media = {"key": key, **tasks[key]}

    def on_delete(self, req, resp, key):
        if tasks.pop(key, None) is None:
            raise falcon.HTTPNotFound()
        resp.status = falcon.HTTP_204


app = falcon.App()
app.add_route("/", Root())
app.add_route("/tasks", Tasks())
app.add_route("/tasks/{key}", Task())
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
