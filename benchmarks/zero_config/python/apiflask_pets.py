"""APIFlask: pets in an envelope of responses only: {"data": ..., "message": ..., "code": ...}."""

import sys

from apiflask import APIFlask, Schema, abort
from apiflask.fields import Field, Integer, String
from apiflask.validators import Length, OneOf

app = APIFlask(__name__)
app.json.sort_keys = False
pets = {}


class Base(Schema):
    data = Field()
    message = String()
    code = Integer()


class PetIn(Schema):
    name = String(required=True, validate=Length(1, 20))
    category = String(required=True, validate=OneOf(["dog", "cat"]))


class PetOut(PetIn):
    id = Integer()


app.config["BASE_RESPONSE_SCHEMA"] = Base
app.config["BASE_RESPONSE_DATA_KEY"] = "data"


def enveloped(data, code=200):
    return {"data": data, "message": "success", "code": code}


def found(number):
    if number not in pets:
        abort(404)
    return pets[number]


@app.get("/pets")
@app.output(PetOut(many=True))
def list_pets():
    return enveloped(list(pets.values()))


@app.post("/pets")
@app.input(PetIn, location="json")
@app.output(PetOut, status_code=201)
def create_pet(json_data):
    number = max(pets, default=0) + 1
    pets[number] = {"id": number, **json_data}
    return enveloped(pets[number], 201)


@app.get("/pets/<int:number>")
@app.output(PetOut)
def read_pet(number):
    return enveloped(found(number))


@app.patch("/pets/<int:number>")
@app.input(PetIn(partial=True), location="json")
@app.output(PetOut)
def change_pet(number, json_data):
    found(number).update(json_data)
    return enveloped(pets[number])


@app.delete("/pets/<int:number>")
@app.output({}, status_code=204)
def delete_pet(number):
    found(number)
    del pets[number]
    return ""


app.run(port=int(sys.argv[1]))
