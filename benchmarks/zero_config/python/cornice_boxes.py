"""Pyramid with Cornice: `/` names a URL; refusals are errors[{location, name, description}]."""

import itertools
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from cornice.resource import resource, view
from pyramid.config import Configurator

boxes, numbers = {}, itertools.count(1)


def checked(request, **kwargs):
    try:
        body = request.json_body
    except ValueError:
        request.errors.add("body", None, "Invalid JSON")
        return
    if not isinstance(body, dict):
        request.errors.add("body", None, "Should be an object")
        return
    for name, kind in (("label", str), ("width", int)):
        if name not in body:
            request.errors.add("body", name, f"{name} is missing")
        elif not isinstance(body[name], kind):
            request.errors.add("body", name, f"{name} should be a {kind.__name__}")
    request.validated["box"] = {name: body.get(name) for name in ("label", "width")}


def there(request, **kwargs):
    if int(request.matchdict["id"]) not in boxes:
        request.errors.add("path", "id", "no such box")
        request.errors.status = 404


@resource(collection_path="/boxes", path=r"/boxes/{id:\d+}")
class Box:
    def __init__(self, request, context=None):
        self.request = request

    @view(renderer="json")
    def collection_get(self):
        return {"items": list(boxes.values())}

    @view(validators=(checked,), renderer="json")
    def collection_post(self):
        number = next(numbers)
        boxes[number] = {"id": number, **self.request.validated["box"]}
        self.request.response.status = 201
        self.request.response.location = f"/boxes/{number}"
        return boxes[number]

    @view(validators=(there,), renderer="json")
    def get(self):
        return boxes[int(self.request.matchdict["id"])]

    @view(validators=(there, checked), renderer="json")
    def put(self):
        number = int(self.request.matchdict["id"])
        boxes[number] = {"id": number, **self.request.validated["box"]}
        return boxes[number]

    @view(validators=(there,), renderer="json")
    def delete(self):
        del boxes[int(self.request.matchdict["id"])]
        self.request.response.status = 204
        return ""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


with Configurator() as config:
    config.include("cornice")
    config.add_route("index", "/")
    config.add_view(lambda _: {"name": "boxes", "boxes_url": "/boxes"}, route_name="index", renderer="json")
    config.scan(__name__)
    app = config.make_wsgi_app()
make_server("127.0.0.1", int(sys.argv[1]), app, server_class=Server).serve_forever()
