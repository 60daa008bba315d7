"""Connexion, specification first: pets that PUT creates under an id of the client's choice, below /v1."""

import sys
import tempfile
from pathlib import Path

import connexion

pets = {}
SPECIFICATION = """
openapi: 3.0.0
info: {title: Pets, version: "1"}
servers: [{url: /v1}]
paths:
  /pets:
    get:
      operationId: __main__.list_pets
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1, default: 100}}]
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
  /pets/{pet_id}:
    parameters: [{name: pet_id, in: path, required: true, schema: {type: string, pattern: "^[a-zA-Z0-9-]+$"}}]
    get:
      operationId: __main__.read_pet
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "404": {description: none}
    put:
      operationId: __main__.put_pet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"200": {description: changed}, "201": {description: created}}
    delete:
      operationId: __main__.delete_pet
      responses: {"204": {description: gone}, "404": {description: none}}
components:
  schemas:
    Pet:
      type: object
      required: [name, animal_type]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string, minLength: 1, maxLength: 100}
        animal_type: {type: string, minLength: 1}
        created: {type: string, format: date-time, readOnly: true}
"""


def list_pets(limit=100):
    return list(pets.values())[:limit]


def read_pet(pet_id):
    return pets.get(pet_id) or ({"detail": "no such pet"}, 404)


def put_pet(pet_id, body):
    there = pet_id in pets
    pets[pet_id] = {**body, "id": pet_id}
    return pets[pet_id], 200 if there else 201


def delete_pet(pet_id):
    return (None, 204) if pets.pop(pet_id, None) else ({"detail": "no such pet"}, 404)


folder = Path(tempfile.mkdtemp())
(folder / "pets.yaml").write_text(SPECIFICATION)
app = connexion.FlaskApp(__name__, specification_dir=folder)
app.add_api("pets.yaml")
app.run(port=int(sys.argv[1]), log_level="warning")
