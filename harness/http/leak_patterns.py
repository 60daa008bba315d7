"""Forms that implementation detail takes in errors. Each says why ordinary text does not take it.

A group named `core` is what is looked for in the request, where the match has words of the server around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LAN = rf"(?:10\.{_OCTET}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.{_OCTET}\.{_OCTET}"
_PRIVATE = rf"(?:{_LAN}|127\.0\.0\.1|169\.254\.{_OCTET}\.{_OCTET}|\[?::1\]?|localhost)"
_START = r"(?<![\w.:/~%-])"
_DIRS = r"(?:/[\w.@+-]+)"


@dataclass(frozen=True)
class Pattern:
    """A form of implementation detail.

    Attributes:
        what: its kind, in words.
        form: what it looks like.
        address: whether it is a private address, which is nobody's secret on a private network.
    """

    what: str
    form: re.Pattern[str]
    address: bool = False


def _pattern(what: str, *forms: str, address: bool = False) -> Pattern:
    return Pattern(what, re.compile("|".join(forms)), address)


PATTERNS: tuple[Pattern, ...] = (
    # Stack frames: each needs a file with a line, or a callee with its package; "at 10:30" has neither.
    _pattern(
        "a Python stack trace",
        r"Traceback \(most recent call last\)",
        r"File \"(?P<core>[^\"\n]+)\", line \d+, in \S+",
    ),
    _pattern(
        "a Java stack frame",
        r"\bat (?P<core>(?:[\w$]+\.)+[\w$<>]+)"
        r"\((?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\)",
    ),
    # The signature, and the end of the line or the next frame, are wanted: a sentence goes on otherwise.
    _pattern(
        "a .NET stack frame",
        r"\bat (?P<core>(?:[A-Z]\w*\.){2,}[\w`<>\[\]]+)\([^()\n]*\)"
        r"(?= in \S+:line \d+|\s+at [A-Z]|[ \t]*(?:\r?\n|\Z))",
    ),
    # A script, or node:, and then line and column: times of the day have no script before them.
    _pattern(
        "a Node.js stack frame",
        r"\bat (?:async )?(?:[\w.$<>\[\] ]{1,80} )?"
        r"\(?(?P<core>(?:file://)?(?:/|[A-Za-z]:\\)[^\s():]+\.(?:[mc]?js|jsx|tsx?)|node:[\w/]+):\d+:\d+\)?",
    ),
    _pattern("a Ruby stack frame", r"(?P<core>[\w./+-]+\.rb):\d+:in [`'\u2018]"),
    _pattern(
        "a PHP stack frame",
        r"#\d+ (?P<core>/[^\s():]+\.php)\(\d+\)",
        r"\bin /[^\s:]+\.php(?: on line |:)\d+",
        r"\bPHP (?:Fatal error|Parse error|Warning|Notice): ",
        r"\b(?:Fatal|Parse) error: Uncaught ",
    ),
    _pattern(
        "a Go panic",
        r"\bgoroutine \d+ \[\w+",
        r"\bruntime error: (?:index out of range|invalid memory address|slice bounds|integer divide by zero)",
        r"(?P<core>[\w./@+-]+\.go):\d+ \+0x[0-9a-f]+",
    ),
    _pattern("a Rust panic", r"\bpanicked at ['\"]?[^\n]{0,200}?\.rs:\d+"),
    # Two packages before the class, or a library's own name: `order.NotFoundError` may be a public code, and
    # so may what follows a colon or a number sign in a URI.
    _pattern(
        "the name of an exception class",
        r"(?<![\w/.#@:-])(?P<core>(?:[a-z_]\w*\.){2,}(?:[A-Z]\w*[.$])*[A-Z]\w*(?:Exception|Error|Throwable))\b",
        r"(?<![\w/.])(?:System|Microsoft|Npgsql|MySql)(?:\.\w+)*\.\w*Exception\b",
        r"(?<![\w/.])(?:sqlalchemy|psycopg2?|pymongo|werkzeug|pydantic|botocore|asyncpg|django|marshmallow"
        r"|jsonschema|aiohttp|httpx|urllib3)(?:\.\w+)*\.[A-Z]\w*(?:Error|Exception)\b",
        r"\bjson\.(?:decoder\.)?JSONDecodeError\b",
        r"(?<![\w:])(?:ActiveRecord|ActionController|ActionDispatch|ActiveModel|Mongoid|PG|Mysql2|Sequel"
        r"|Faraday|Net)::[A-Z]\w+|\bJSON::\w+Error\b",
        r"(?<![\w\\])(?:Illuminate|Symfony|Doctrine|GuzzleHttp|Laminas)(?:\\{1,2}\w+)+",
        r"\b(?:PrismaClient\w+Error|Sequelize[A-Z]\w+Error|Mongo(?:Server|Network|Bulk\w*)Error)\b",
        r"\b(?:Phoenix|Ecto|Postgrex)\.\w+Error\b",
    ),
    # Codes, and sentences that only drivers form; `column "Price" does not exist` may be a spreadsheet's.
    _pattern(
        "a database error",
        r"\bSQLSTATE\[?\w{5}|\bORA-\d{5}\b|\bE11000 duplicate key error|\bSQLITE_[A-Z]{4,}\b",
        r"\bduplicate key value violates unique constraint",
        r"\bviolates (?:foreign key|not-null|check) constraint \"",
        r"\b(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed\b",
        r"\brelation \"[\w.]+\" does not exist|\bcolumn \"[\w.]+\" of relation \"",
        r"\bYou have an error in your SQL syntax|\bsyntax error at or near \"",
        r"\bUnclosed quotation mark after the character string",
        r"\bDuplicate entry '[^']*' for key '|\bData too long for column '",
        r"\bUnknown column '[\w.]+' in '(?:field|where|order)",
        r"\bIncorrect (?:integer|string|date\w*) value: [^\n]{0,80} for column",
        r"\binvalid input syntax for (?:type )?(?:integer|uuid|json|bigint|boolean|timestamp|numeric)\b",
        r"\bCast to \w+ failed for value\b",
    ),
    # Upper case, and the grammar of a statement: "select a plan from the list" has neither.
    _pattern(
        "an SQL statement",
        r"\b(?P<core>SELECT\s[^;]{1,300}?\sFROM\s+[\w\"`.\[\]]+(?:\s+(?:AS\s+)?\w+)?\s+"
        r"(?:WHERE|JOIN|LEFT|INNER|ORDER|GROUP|LIMIT)\b|INSERT INTO\s+[\w\"`.\[\]]+\s*\("
        r"|UPDATE\s+[\w\"`.\[\]]+\s+SET\s+[\w\"`.]+\s*=|DELETE FROM\s+[\w\"`.\[\]]+\s+WHERE\b)",
    ),
    # A folder of a system, folders below it, and a source file: URL paths and JSON Pointers end otherwise.
    _pattern(
        "the path of a file",
        rf"{_START}(?P<core>/(?:home|usr|var|opt|srv|root|private|Users|mnt){_DIRS}+/[\w.@+-]+"
        r"\.(?:py|rb|java|kt|scala|go|rs|cs|ex|exs|erl|pl|pm|jar|war|so|phtml|erb|sqlite3?))\b",
        rf"{_START}/(?:home|usr|var|opt|srv|root|Users|mnt){_DIRS}{{2,}}/[\w.@+-]+\.php\b",
        rf"{_START}/(?:app|code|workspace|build|tmp|src){_DIRS}*/[\w.@+-]+\.(?:py|rb|java|go|rs|cs|ex|jar)\b",
        rf"{_START}{_DIRS}+/(?:node_modules|site-packages|dist-packages)/[\w./@+-]+",
        rf"{_START}/(?:home|usr|var|opt|srv|root|Users|app){_DIRS}+\.(?:m?js|cjs|tsx?):\d+",
        r"(?<!\w)[A-Za-z]:\\(?:Users|inetpub|Windows|Program Files|home|src|Projects?|agent|build|www)"
        r"\\[\w.\\ -]+",
    ),
    # With a service's port and said to be connected to: an address alone, or with a high port, may be the
    # client's.
    _pattern(
        "an internal address",
        r"(?:\b(?:connect(?:ion|ing|ed)?|ECONN(?:REFUSED|RESET)|ETIMEDOUT|dial tcp|upstream|refused|lookup)\b"
        r"[^\n]{0,60}?|\b(?:postgres(?:ql)?|mysql|redis|mongodb(?:\+srv)?|amqps?|kafka|tcp|ldap)://[^\s/]*?)"
        rf"(?P<core>(?<![\w.]){_PRIVATE}(?::|\", port )(?:[1-9]\d{{1,3}}|[12]\d{{4}}|3[01]\d{{3}}))\b",
    ),
    _pattern(
        "an internal address",
        rf"\bhttps?://{_LAN}(?::\d+)?\b",
        r"(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:svc\.cluster\.local|compute\.internal|ec2\.internal)\b",
        r"\b(?:https?|tcp|postgres(?:ql)?|mysql|redis|amqp|mongodb)://[\w.@:-]+?\.(?:internal|lan|corp)\b",
        address=True,
    ),
    # Pages that frameworks show while debugging: each phrase is theirs.
    _pattern(
        "a framework's debug page",
        r"You're seeing this (?:error|help)? ?(?:page )?because you have\s+DEBUG\s*=\s*True",
        r"Using the URLconf defined in\s|The debugger caught an exception in your WSGI application",
        r"Werkzeug Debugger|Action Controller: Exception caught|Rails\.root: /",
        r"Whoops, looks like something went wrong|Server Error in '/[^']*' Application",
        r"An unhandled exception occurred while processing the request\.\s+\w+Exception",
    ),
)
