"""FastAPI: notes with UUIDs, limit and offset, PUT and PATCH; keyed settings that PUT creates."""

import sys
import uuid
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

app = FastAPI(title="Notes")
notes, flags = {}, {}


class NoteIn(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    priority: int = Field(1, ge=1, le=5)
    tags: list[str] = []


class Note(NoteIn):
    id: uuid.UUID


class Flag(BaseModel):
    enabled: bool
    note: str = ""


@app.get("/notes/")
def list_notes(
    limit: Annotated[int, Query(ge=1, le=100)] = 20, offset: Annotated[int, Query(ge=0)] = 0
) -> list[Note]:
    return list(notes.values())[offset : offset + limit]


@app.post("/notes/", status_code=201)
def create_note(note: NoteIn) -> Note:
    made = Note(id=uuid.uuid4(), **note.model_dump())
    notes[made.id] = made
    return made


@app.get("/notes/{note_id}")
def read_note(note_id: uuid.UUID) -> Note:
    if note_id not in notes:
        raise HTTPException(404, "no such note")
    return notes[note_id]


@app.put("/notes/{note_id}")
def replace_note(note_id: uuid.UUID, note: NoteIn) -> Note:
    read_note(note_id)
    notes[note_id] = Note(id=note_id, **note.model_dump())
    return notes[note_id]


@app.delete("/notes/{note_id}", status_code=204)
def delete_note(note_id: uuid.UUID) -> None:
    read_note(note_id)
    del notes[note_id]


@app.get("/flags/{name}")
def read_flag(name: str) -> Flag:
    if name not in flags:
        raise HTTPException(404, "no such flag")
    return flags[name]


@app.put("/flags/{name}", responses={201: {"model": Flag}})
def put_flag(name: str, flag: Flag, response: Response) -> Flag:
    response.status_code = 200 if name in flags else 201
    flags[name] = flag
    return flag


@app.delete("/flags/{name}", status_code=204)
def delete_flag(name: str) -> None:
    read_flag(name)
    del flags[name]


uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
