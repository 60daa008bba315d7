"""Forms that implementation detail takes in errors. Each says why ordinary text does not take it.

A group named `core` is what is looked for in the request, where the whole match has words of the server around it.
"""

from __future__ import annotations

import re

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PRIVATE = (
    rf"(?:10\.{_OCTET}\.{_OCTET}\.{_OCTET}|192\.168\.{_OCTET}\.{_OCTET}"
    rf"|172\.(?:1[6-9]|2\d|3[01])\.{_OCTET}\.{_OCTET}|127\.0\.0\.1|169\.254\.{_OCTET}\.{_OCTET}|\[?::1\]?)"
)
_SOURCE = r"(?:py|rb|php|java|kt|scala|go|rs|cs|ex|exs|erl|pl|pm|lua|jar|war|so|dll|phtml|erb|sqlite3?|env)"
_SCRIPT = r"(?:m?js|cjs|tsx?)"

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        # -- stack frames: each needs a file with a line, or a callee with its package, not the word "at" alone.
        ("a Python stack trace", r"Traceback \(most recent call last\)|File \"(?P<core>[^\"\n]+)\", line \d+, in \S+"),
        (
            "a Java stack frame",
            r"\bat (?P<core>(?:[\w$]+\.)+[\w$<>]+)"
            r"\((?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\)",
        ),
        # The signature in parentheses is wanted: "at System.IO" in a sentence is none.
        (".NET stack frame", r"\bat (?P<core>(?:[A-Z]\w*\.){2,}[\w`<>\[\]]+)\([^()\n]*\)(?: in \S+:line \d+|\s+at |\s*$)"),
        # Line and column behind a file: times of the day have no path before them.
        (
            "a Node.js stack frame",
            r"\bat (?:async )?(?:[\w.$<>\[\] ]{1,80} )?\(?(?P<core>(?:file://)?(?:/|[A-Za-z]:\\|node:)[^\s():]+):\d+:\d+\)?",
        ),
        ("a Ruby stack frame", r"(?P<core>[\w./+-]+\.rb):\d+:in [`'‘]"),
        ("a PHP stack frame", r"#\d+ (?P<core>/[^\s():]+\.php)\(\d+\)|\bin (?:/[^\s:]+\.php)(?: on line |:)\d+"),
        ("a PHP error", r"\bPHP (?:Fatal error|Parse error|Warning|Notice): |\b(?:Fatal error|Parse error): Uncaught "),
        (
            "a Go panic",
            r"\bgoroutine \d+ \[\w+|\bruntime error: (?:index out of range|invalid memory address|slice bounds"
            r"|integer divide by zero)|(?P<core>\S+\.go):\d+ \+0x[0-9a-f]+",
        ),
        ("a Rust panic", r"\bpanicked at ['\"]?.{0,200}?\.rs:\d+"),
        # -- classes: two packages before the class, or a library's own; `order.NotFoundError` may be a public code.
        (
            "the name of an exception class",
            r"(?<![\w/.#@-])(?P<core>(?:[a-z_]\w*\.){2,}(?:[A-Z]\w*[.$])*[A-Z]\w*(?:Exception|Error|Throwable))\b"
            r"|(?<![\w/.])(?:System|Microsoft|Npgsql|MySql)(?:\.\w+)*\.\w*Exception\b"
            r"|(?<![\w/.])(?:json|sqlalchemy|psycopg2?|pymongo|werkzeug|pydantic|requests|redis|botocore|asyncpg"
            r"|django|marshmallow|jsonschema|aiohttp|httpx|urllib3|grpc)(?:\.\w+)*\.[A-Z]\w*(?:Error|Exception)\b"
            r"|(?<![\w:])(?:ActiveRecord|ActionController|ActionDispatch|ActiveModel|Mongoid|PG|Mysql2|Sequel"
            r"|JSON|Faraday|Redis|Net)::[A-Z]\w+"
            r"|(?<![\w\\])(?:Illuminate|Symfony|Doctrine|GuzzleHttp|Laravel|Zend|Laminas)(?:\\{1,2}\w+)+"
            r"|\b(?:PrismaClient\w+Error|Sequelize\w+Error|Mongo(?:Server|Network|Bulk\w*)Error"
            r"|QueryFailedError|Phoenix\.\w+Error|Ecto\.\w+Error)\b",
        ),
        # -- databases: codes, and sentences that only their drivers form.
        (
            "a database error",
            r"\bSQLSTATE\[?\w{5}|\bORA-\d{5}\b|\bE11000 duplicate key error|\bSQLITE_[A-Z]{4,}\b"
            r"|\bduplicate key value violates unique constraint|\bviolates (?:foreign key|not-null|check) constraint \""
            r"|\b(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed\b|\brelation \"[\w.]+\" does not exist"
            r"|\bYou have an error in your SQL syntax|\bDuplicate entry '[^']*' for key '"
            r"|\bsyntax error at or near \"|\bUnclosed quotation mark after the character string"
            r"|\bcolumn \"?[\w.]+\"? (?:of relation \"|does not exist)|\bno such (?:table|column): \w+"
            r"|\bUnknown column '[\w.]+' in '(?:field|where|order)"
            r"|\bIncorrect (?:integer|string|date\w*) value: .{0,80} for column|\bData too long for column '"
            r"|\binvalid input syntax for (?:type )?(?:integer|uuid|json|bigint|boolean|timestamp|numeric)\b"
            r"|\bCast to \w+ failed for value\b",
        ),
        # Upper case, and the grammar of a statement: "select a plan from the list" has neither.
        (
            "an SQL statement",
            r"\b(?P<core>SELECT\s[\s\S]{1,300}?\sFROM\s+[\w\"`.\[\]]+(?:\s+(?:AS\s+)?\w+)?\s+"
            r"(?:WHERE|JOIN|LEFT|INNER|ORDER|GROUP|LIMIT)\b|INSERT INTO\s+[\w\"`.\[\]]+\s*\("
            r"|UPDATE\s+[\w\"`.\[\]]+\s+SET\s+[\w\"`.]+\s*=|DELETE FROM\s+[\w\"`.\[\]]+\s+WHERE\b)",
        ),
        # -- files: a system folder, one more folder, and a source file; JSON Pointers and URL paths end otherwise.
        (
            "the path of a file",
            rf"(?<![\w.:/~%-])(?P<core>/(?:home|usr|var|opt|srv|root|etc|private|Users|mnt)(?:/[\w.@+-]+)+/[\w.@+-]+\.{_SOURCE})\b(?!\?)"
            rf"|(?<![\w.:/~%-])/(?:app|code|workspace|build|tmp|src|application)(?:/[\w.@+-]+)*/[\w.@+-]+\.(?:py|rb|java|go|rs|cs|ex|jar)\b"
            rf"|(?<![\w.:/~%-])(?:/[\w.@+-]+)+/(?:node_modules|site-packages|dist-packages|vendor/bundle)/[\w./@+-]+"
            rf"|(?<![\w.:/~%-])/(?:home|usr|var|opt|srv|root|Users|app)(?:/[\w.@+-]+)+\.{_SCRIPT}:\d+"
            r"|(?<![\w])[A-Za-z]:\\(?:Users|inetpub|Windows|Program Files|home|src|Projects?|agent|a|build|www)\\[\w.\\ -]+",
        ),
        # -- addresses: with the port of a service, or said to be connected to. An address alone may be the client's.
        (
            "an internal address",
            rf"(?:\b(?:connect(?:ion|ing|ed)?|ECONNREFUSED|ETIMEDOUT|ECONNRESET|dial tcp|upstream|refused|lookup)\b"
            rf"[^\n]{{0,60}}?|\b(?:postgres(?:ql)?|mysql|redis|mongodb(?:\+srv)?|amqps?|jdbc:\w+|kafka|tcp|ldap)://"
            rf"[^\s/]*?)(?P<core>(?:{_PRIVATE}|localhost):\d{{2,5}})\b"
            rf"|(?P<url>\bhttps?://(?:10\.{_OCTET}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.{_OCTET}\.{_OCTET}(?::\d+)?\b)"
            r"|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:svc\.cluster\.local|compute\.internal|ec2\.internal)\b"
            r"|\b(?:https?|tcp|postgres(?:ql)?|mysql|redis|amqp|mongodb)://[\w.@:-]+?\.(?:internal|lan|corp|intranet)\b",
        ),
        # -- pages that frameworks show while debugging; each phrase is theirs.
        (
            "a framework's debug page",
            r"You're seeing this (?:error|help) (?:page )?because you have\s+DEBUG\s*=\s*True"
            r"|Using the URLconf defined in\s|The debugger caught an exception in your WSGI application"
            r"|Werkzeug Debugger|Action Controller: Exception caught|Rails\.root: /|Whoops, looks like something went wrong"
            r"|The server (?:returned|encountered) .{0,60}Symfony Exception|Server Error in '/[^']*' Application"
            r"|Developer Exception Page|An unhandled exception occurred while processing the request\.\s+\w+Exception",
        ),
    )
)
