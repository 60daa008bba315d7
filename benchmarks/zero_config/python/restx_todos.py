"""Flask-RESTX: todos, Swagger 2.0 at /swagger.json; creates answer 201 with a server-made number."""

import sys

from flask import Flask
from flask_restx import Api, Resource, fields

app = Flask(__name__)
api = Api(app, title="Todos")
space = api.namespace("todos")
todo = api.model(
    "Todo", {"id": fields.Integer(readonly=True), "task": fields.String(required=True, min_length=1)}
)
todos = {}


def found(number):
    if number not in todos:
        api.abort(404, "no such todo")
    return todos[number]


@space.route("/")
class Todos(Resource):
    @space.marshal_list_with(todo)
    def get(self):
        return list(todos.values())

    @space.expect(todo, validate=True)
    @space.marshal_with(todo, code=201)
    def post(self):
        number = max(todos, default=0) + 1
        todos[number] = {**api.payload, "id": number}
        return todos[number], 201


@space.route("/<int:number>")
class Todo(Resource):
    @space.marshal_with(todo)
    def get(self, number):
        return found(number)

    @space.expect(todo, validate=True)
    @space.marshal_with(todo)
    def put(self, number):
        todos[number] = {**found(number), **api.payload, "id": number}
        return todos[number]

    @space.response(204, "deleted")
    def delete(self, number):
        del todos[found(number)["id"]]
        return "", 204


app.run(port=int(sys.argv[1]))
