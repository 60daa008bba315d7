"""After the documentation of PostgREST 12: rows are addressed by a filter, `/films?id=eq.1`; Swagger 2.0 at `/`.

Creates answer 201 without content and with Location `/films?id=eq.1`, or with the row where Prefer asks for it; pages
by `limit` and `offset` with Content-Range; one row as application/vnd.pgrst.object+json, else 406.
"""

import itertools
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

OBJECT = "application/vnd.pgrst.object+json"
COLUMNS = {"id": int, "title": str, "year": int}
numbers = itertools.count(1)
rows = [{"id": next(numbers), "title": f"Film {year}", "year": year} for year in range(1990, 2020)]
PARAMETERS = ("select", "order", "offset", "limit")
FILTERS = [{"$ref": f"#/parameters/rowFilter.films.{name}"} for name in COLUMNS]
DOCUMENT = {
    "swagger": "2.0",
    "info": {"title": "PostgREST API", "version": "12.2.3"},
    "externalDocs": {
        "description": "PostgREST Documentation",
        "url": "https://postgrest.org/en/v12/api.html",
    },
    "host": "0.0.0.0:3000",
    "basePath": "/",
    "schemes": ["http"],
    "consumes": ["application/json", OBJECT, "text/csv"],
    "produces": ["application/json", OBJECT, "text/csv"],
    "definitions": {
        "films": {
            "type": "object",
            "required": ["id", "title"],
            "properties": {
                "id": {
                    "type": "integer",
                    "format": "integer",
                    "default": "nextval('films_id_seq')",
                    "description": "Note:\nThis is a Primary Key.<pk/>",
                },
                "title": {"type": "string", "format": "text"},
                "year": {"type": "integer", "format": "integer"},
            },
        }
    },
    "parameters": {
        f"rowFilter.films.{name}": {"name": name, "in": "query", "type": "string", "required": False}
        for name in COLUMNS
    }
    | {name: {"name": name, "in": "query", "type": "string", "required": False} for name in PARAMETERS}
    | {
        "body.films": {
            "name": "films",
            "in": "body",
            "required": False,
            "schema": {"$ref": "#/definitions/films"},
        }
    },
    "paths": {
        "/": {
            "get": {
                "tags": ["Introspection"],
                "produces": ["application/json"],
                "responses": {"200": {"description": "OK"}},
            }
        },
        "/films": {
            "get": {
                "parameters": [*FILTERS, *({"$ref": f"#/parameters/{name}"} for name in PARAMETERS)],
                "responses": {
                    "200": {
                        "description": "OK",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/films"}},
                    },
                    "206": {"description": "Partial Content"},
                },
            },
            "post": {
                "parameters": [{"$ref": "#/parameters/body.films"}],
                "responses": {"201": {"description": "Created"}},
            },
            "patch": {
                "parameters": [*FILTERS, {"$ref": "#/parameters/body.films"}],
                "responses": {"204": {"description": "No Content"}},
            },
            "delete": {"parameters": FILTERS, "responses": {"204": {"description": "No Content"}}},
        },
    },
}
TESTS = {
    "eq": lambda a, b: str(a) == b,
    "neq": lambda a, b: str(a) != b,
    "gt": lambda a, b: a > int(b),
    "lt": lambda a, b: a < int(b),
}


class Refused(Exception):
    def __init__(self, status, code, message):
        self.status, self.body = status, {"code": code, "details": None, "hint": None, "message": message}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, **fields):
        kind = self.kind if status < 400 else "application/json"
        content = b"" if value is None else json.dumps(value).encode()
        if kind == "text/csv" and isinstance(value, list):
            lines = [COLUMNS, *(one.values() for one in value)]
            content = "\n".join(",".join(map(str, line)) for line in lines).encode()
        self.send_response(status)
        for name, text in fields.items():
            self.send_header(name.replace("_", "-"), text)
        if value is not None:
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def serve(self):
        self.kind = "application/json"
        length = int(self.headers.get("Content-Length") or 0)
        self.content = self.rfile.read(length)
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.prefer = self.headers.get("Prefer", "")
        try:
            if parts.path == "/" and self.command in ("GET", "HEAD"):
                return self.answer(200, DOCUMENT)
            if parts.path != "/films":
                raise Refused(
                    404, "PGRST205", f"Could not find the table 'public.{parts.path[1:]}' in the schema cache"
                )
            accept = self.headers.get("Accept", "*/*")
            if not any(
                kind in accept for kind in ("*/*", "application/json", "application/*", OBJECT, "text/")
            ):
                raise Refused(406, "PGRST107", f"None of these media types are available: {accept}")
            if OBJECT in accept and "application/json" not in accept.replace(OBJECT, ""):
                self.kind = OBJECT
            elif accept.startswith(("text/csv", "text/*")):
                self.kind = "text/csv"
            known = {
                "GET": self.read,
                "HEAD": self.read,
                "POST": self.create,
                "PATCH": self.change,
                "DELETE": self.remove,
            }
            if self.command == "OPTIONS":
                return self.answer(200, None, Allow="OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE")
            if self.command not in known:
                raise Refused(405, "PGRST117", f"Unsupported HTTP method: {self.command}")
            return known[self.command]()
        except Refused as problem:
            return self.answer(problem.status, problem.body)

    def chosen(self):
        found = list(rows)
        for name, text in self.query.items():
            if name in ("limit", "offset", "order", "select"):
                continue
            if name not in COLUMNS:
                raise Refused(400, "42703", f"column films.{name} does not exist")
            operator, _, value = text.partition(".")
            if operator not in TESTS:
                raise Refused(400, "PGRST100", f'"failed to parse filter ({text})"')
            if COLUMNS[name] is int and not value.lstrip("-").isdigit():
                raise Refused(400, "22P02", f'invalid input syntax for type integer: "{value}"')
            found = [one for one in found if TESTS[operator](one[name], value)]
        return found

    def shown(self, found, status, **fields):
        if self.kind != OBJECT:
            return self.answer(status, found, **fields)
        if len(found) != 1:
            raise Refused(406, "PGRST116", "JSON object requested, multiple (or no) rows returned")
        return self.answer(status, found[0], **fields)

    def read(self):
        found = self.chosen()
        if "order" in self.query:
            for key in reversed(self.query["order"].split(",")):
                name, _, way = key.partition(".")
                if name not in COLUMNS:
                    raise Refused(400, "42703", f"column films.{name} does not exist")
                found.sort(key=lambda one: (one[name] is None, one[name]), reverse=way.startswith("desc"))
        try:
            offset, limit = int(self.query.get("offset", 0)), int(self.query.get("limit", len(found)))
        except ValueError:
            raise Refused(400, "PGRST100", '"failed to parse"') from None
        if limit < 0 or offset < 0:
            raise Refused(416, "PGRST103", "Requested range not satisfiable")
        total, page = len(found), found[offset : offset + limit]
        span = f"{offset}-{offset + len(page) - 1}" if page else "*"
        counted = "count=exact" in self.prefer
        self.shown(
            page,
            206 if counted and len(page) < total else 200,
            Content_Range=f"{span}/{total if counted else '*'}",
        )

    def body(self):
        try:
            given = json.loads(self.content or b"null")
        except ValueError:
            raise Refused(400, "PGRST102", "Empty or invalid json") from None
        for one in given if isinstance(given, list) else [given]:
            if not isinstance(one, dict):
                raise Refused(400, "PGRST102", "All object keys must match")
            for name, value in one.items():
                if name not in COLUMNS:
                    raise Refused(
                        400, "PGRST204", f"Could not find the '{name}' column of 'films' in the schema cache"
                    )
                if (
                    COLUMNS[name] is int
                    and value is not None
                    and (isinstance(value, bool) or not str(value).lstrip("-").isdigit())
                ):
                    raise Refused(400, "22P02", f'invalid input syntax for type integer: "{value}"')
        return given

    def create(self):
        made = []
        given = self.body()
        for one in given if isinstance(given, list) else [given]:
            if one.get("title") is None:
                raise Refused(
                    400,
                    "23502",
                    'null value in column "title" of relation "films" violates not-null constraint',
                )
            made.append(
                {
                    "id": one.get("id") or next(numbers),
                    "title": str(one["title"]),
                    "year": None if one.get("year") is None else int(one["year"]),
                }
            )
        rows.extend(made)
        if "return=representation" in self.prefer:
            return self.shown(made, 201, Preference_Applied="return=representation")
        if "return=headers-only" in self.prefer:
            return self.answer(201, None, Location=f"/films?id=eq.{made[0]['id']}", Content_Range="*/*")
        return self.answer(201, None, Content_Range="*/*")

    def change(self):
        given, found = self.body(), self.chosen()
        for one in found:
            one.update(given)
        self.done(found)

    def remove(self):
        found = self.chosen()
        rows[:] = [one for one in rows if one not in found]
        self.done(found)

    def done(self, found):
        if "return=representation" in self.prefer:
            return self.shown(found, 200)
        return self.answer(204, None, Content_Range="*/*")

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
