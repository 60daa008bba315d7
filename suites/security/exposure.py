"""Well-known places of what is not meant for clients, and the content that proves that it is there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.rules.verdict import Impact


@dataclass(frozen=True)
class Place:
    """A path, and the content by which it is recognised: a status alone proves nothing.

    Attributes:
        path: below the origin, or below the API's base path.
        what: is served there, in words.
        mark: matches content that only this has.
        impact: None for what may well be meant to be public.
        root: whether it lies at the origin only.
    """

    path: str
    what: str
    mark: re.Pattern[str]
    impact: Impact | None = Impact.MAJOR
    root: bool = False


def _place(
    path: str, what: str, mark: str, impact: Impact | None = Impact.MAJOR, *, root: bool = False
) -> Place:
    return Place(path, what, re.compile(mark, re.M), impact, root)


CRITICAL = Impact.CRITICAL
PLACES: tuple[Place, ...] = (
    _place("/.git/HEAD", "the Git repository", r"\A(?:ref: refs/|[0-9a-f]{40}\s*\Z)", CRITICAL, root=True),
    _place("/.svn/entries", "the Subversion working copy", r"\A\d+\s+(?:dir|\n)", CRITICAL, root=True),
    _place(
        "/.env",
        "a file of environment variables",
        r"\A(?:\s*#.*\n|\s*\n)*(?:export )?[A-Z][A-Z0-9_]+=(?!.*<)",
        CRITICAL,
    ),
    _place("/.aws/credentials", "cloud credentials", r"^\s*aws_access_key_id\s*=", CRITICAL, root=True),
    _place(
        "/backup.sql",
        "a database dump",
        r"^(?:CREATE TABLE|INSERT INTO|-- (?:MySQL|PostgreSQL) )",
        CRITICAL,
        root=True,
    ),
    _place("/web.config", "the server's configuration", r"<configuration[\s>][\s\S]*<system\.web", root=True),
    _place(
        "/.htpasswd", "a file of passwords", r"\A[\w.@-]+:(?:\$|\{SHA\}|[./\w]{13}\s)", CRITICAL, root=True
    ),
    _place("/actuator/env", "the environment of the process", r'"propertySources"\s*:', CRITICAL),
    _place(
        "/actuator",
        "management endpoints",
        r'"_links"\s*:\s*\{[\s\S]*"(?:env|beans|heapdump|loggers|mappings|shutdown|threaddump|httpexchanges|configprops)"',
    ),
    _place("/env", "the environment of the process", r'"systemProperties"\s*:', CRITICAL),
    _place("/jolokia", "management beans (JMX)", r'"agent"\s*:[\s\S]*"protocol"\s*:', CRITICAL),
    _place("/h2-console", "a database console", r"<title>H2 Console", CRITICAL),
    _place("/debug/vars", "internals of the process (expvar)", r'"memstats"\s*:'),
    _place("/debug/pprof/", "a profiler (pprof)", r"Types of profiles available|/debug/pprof/"),
    _place("/_profiler", "a profiler (Symfony)", r"Symfony Profiler"),
    _place("/telescope", "a debugger (Telescope)", r"<title>[^<]*Telescope"),
    _place("/console", "an interactive debugger", r"Werkzeug|Interactive Console", CRITICAL),
    _place("/phpinfo.php", "the configuration of PHP", r"<title>(?:PHP [\d.]+ - )?phpinfo\(\)"),
    _place(
        "/server-status",
        "the status of the server with the requests of others",
        r"<title>Apache Status",
        root=True,
    ),
    _place("/elmah.axd", "the log of errors", r"Error [Ll]og for"),
    _place(
        "/rails/info/routes",
        "routes of the framework in development mode",
        r"<title>Routes|Helper\s*<|rails/info",
    ),
    _place("/adminer.php", "a database console", r"<title>[^<]*Adminer", CRITICAL, root=True),
    _place("/phpmyadmin/", "a database console", r"<title>[^<]*phpMyAdmin", CRITICAL, root=True),
    _place("/metrics", "metrics (Prometheus)", r"^# (?:HELP|TYPE) \w+", None),
    _place("/actuator/prometheus", "metrics (Prometheus)", r"^# (?:HELP|TYPE) \w+", None),
)
"""Each recognised by its content, so that a single-page application that answers 200 to all is no hit."""


def places_at(origin: str, base_path: str) -> Iterable[tuple[str, Place]]:
    """The URLs to ask for: below the origin, and below the API's base path, too, where an application would put it."""
    for place in PLACES:
        yield origin + place.path, place
        if base_path and not place.root:
            yield origin + base_path + place.path, place


def shows(place: Place, status: int, content: str, fallbacks: Iterable[str]) -> bool:
    """Whether a response is what is looked for.

    Args:
        fallbacks: content for paths that surely do not exist, from the same server.
    """
    if status not in (200, 206) or place.mark.search(content) is None:
        return False
    return not any(place.mark.search(one) for one in fallbacks)
