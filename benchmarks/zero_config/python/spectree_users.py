"""Flask with SpecTree: OpenAPI at /apidoc/openapi.json; e-mail must be unique; pydantic's errors as an array at 422."""

import sys

from flask import Flask, jsonify
from pydantic import BaseModel, Field
from spectree import Response, SpecTree

app = Flask(__name__)
spec = SpecTree("flask", title="Users")
users = {}


class UserIn(BaseModel):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")
    name: str = Field(min_length=2, max_length=40)


class User(UserIn):
    id: int


class Users(BaseModel):
    users: list[User]


@app.get("/users")
@spec.validate(resp=Response(HTTP_200=Users))
def listed():
    return jsonify(users=list(users.values()))


@app.post("/users")
@spec.validate(resp=Response("HTTP_409", HTTP_201=User))
def create(json: UserIn):
    if any(one["email"] == json.email for one in users.values()):
        return jsonify(error="email is already taken"), 409
    number = max(users, default=100) + 1
    users[number] = {"id": number, **json.model_dump()}
    return jsonify(users[number]), 201, {"Location": f"/users/{number}"}


@app.get("/users/<int:number>")
@spec.validate(resp=Response("HTTP_404", HTTP_200=User))
def read(number):
    return (jsonify(users[number]), 200) if number in users else (jsonify(error="not found"), 404)


@app.put("/users/<int:number>")
@spec.validate(resp=Response("HTTP_404", "HTTP_409", HTTP_200=User))
def replace(number, json: UserIn):
    if number not in users:
        return jsonify(error="not found"), 404
    if any(one["email"] == json.email and one["id"] != number for one in users.values()):
        return jsonify(error="email is already taken"), 409
    users[number] = {"id": number, **json.model_dump()}
    return jsonify(users[number]), 200


@app.delete("/users/<int:number>")
@spec.validate(resp=Response("HTTP_204", "HTTP_404"))
def remove(number):
    return ("", 204) if users.pop(number, None) else (jsonify(error="not found"), 404)


spec.register(app)
app.run(port=int(sys.argv[1]), threaded=True)
