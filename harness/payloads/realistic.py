"""Realistic values by the name and the format of a member: what a person would type, no real address.

Domains are those of RFC 2606, telephone numbers from the range kept for fiction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


class Words:
    """Values that repeat with their seed.

    Args:
        seed: the same seed gives the same values in the same order.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @cached_property
    def _fake(self) -> Faker:
        from faker import Faker

        fake = Faker("en_US")
        fake.seed_instance(self.seed)
        return fake

    def formatted(self, format_: str) -> str | None:
        """A value of a JSON Schema format, or None for a format unknown here."""
        make = _FORMATS.get(format_)
        return make(self._fake) if make else None

    def named(self, name: str) -> str:
        """A text that fits a member's name."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        words = "_" + re.sub(r"[^a-z0-9]+", "_", spaced).strip("_") + "_"
        for pattern, make in _NAMES:
            if pattern.search(words):
                return make(self._fake)
        return self.words(2)

    def words(self, count: int) -> str:
        """A few plain words."""
        return " ".join(self._fake.words(count)).capitalize()

    def amount(self, name: str) -> float | None:
        """A number that fits a member's name, or None for any."""
        for pattern, low, high, decimals in _AMOUNTS:
            if pattern.search(name.lower()):
                return round(self._fake.pyfloat(min_value=low, max_value=high), decimals)
        return None


def _email(fake: Faker) -> str:
    return f"{fake.user_name()}@example.com"


def _url(fake: Faker) -> str:
    return f"https://www.example.com/{fake.slug()}"


def _time(fake: Faker) -> str:
    return fake.date_time_this_year(before_now=False, after_now=True).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(fake: Faker) -> str:
    return fake.date_this_year(before_today=False, after_today=True).isoformat()


_FORMATS: dict[str, Callable[[Faker], str]] = {
    "email": _email,
    "idn-email": _email,
    "date-time": _time,
    "date": _day,
    "time": lambda fake: fake.time("%H:%M:%SZ"),
    "duration": lambda fake: f"PT{fake.random_int(1, 59)}M",
    "uuid": lambda fake: str(fake.uuid4()),
    "uri": _url,
    "url": _url,
    "iri": _url,
    "uri-reference": lambda fake: f"/{fake.slug()}",
    "hostname": lambda fake: f"{fake.domain_word()}.example.com",
    "ipv4": lambda fake: f"192.0.2.{fake.random_int(1, 254)}",
    "ipv6": lambda fake: f"2001:db8::{fake.random_int(1, 9999)}",
    "password": lambda fake: fake.password(length=16, special_chars=False),
    "byte": lambda fake: "aGVsbG8=",
    "binary": lambda fake: "hello",
    "json-pointer": lambda fake: f"/{fake.word()}",
    "regex": lambda fake: "^[a-z]+$",
}


def _named(words: str) -> re.Pattern[str]:
    return re.compile(rf"_(?:{words})_")


_NAMES: list[tuple[re.Pattern[str], Callable[[Faker], str]]] = [
    (_named("e?mail|email_address"), _email),
    (_named("first_?name|given_?name"), lambda fake: fake.first_name()),
    (_named("last_?name|family_?name|surname"), lambda fake: fake.last_name()),
    (_named("user_?name|login|nick_?name|handle"), lambda fake: fake.user_name()),
    (_named("company|organi[sz]ation|vendor|supplier|manufacturer"), lambda fake: fake.company()),
    (
        _named("full_?name|customer|author|owner|contact|recipient|assignee|person|customer_name"),
        lambda fake: fake.name(),
    ),
    (_named("phone|mobile|telephone|tel|fax|phone_number"), lambda fake: fake.numerify("+120255501##")),
    (_named("street|address|address_line_?\\d?|line_?\\d|address\\d"), lambda fake: fake.street_address()),
    (_named("city|town"), lambda fake: fake.city()),
    (_named("state|province|region"), lambda fake: fake.state()),
    (_named("zip|zip_?code|postal_?code|postcode"), lambda fake: fake.postcode()),
    (_named("country_?code|country"), lambda fake: fake.country_code()),
    (_named("currency|currency_?code"), lambda fake: "EUR"),
    (_named("locale"), lambda fake: "en-US"),
    (_named("language|lang"), lambda fake: "en"),
    (_named("time_?zone|tz"), lambda fake: "Europe/Berlin"),
    (_named("url|uri|website|homepage|link|href|webhook|callback"), _url),
    (_named("host|hostname|domain"), lambda fake: f"{fake.domain_word()}.example.com"),
    (_named("ip|ip_address"), lambda fake: f"192.0.2.{fake.random_int(1, 254)}"),
    (_named("uuid|guid"), lambda fake: str(fake.uuid4())),
    (_named("password|secret"), lambda fake: fake.password(length=16, special_chars=False)),
    (_named("created|updated|timestamp|\\w+_at"), _time),
    (_named("birthday|birth_date|date_of_birth|dob"), lambda fake: "1990-05-17"),
    (_named("date|\\w+_date|day|\\w+_on"), _day),
    (_named("price|amount|total|cost|balance"), lambda fake: f"{fake.random_int(100, 9999) / 100:.2f}"),
    (_named("quantity|qty|count"), lambda fake: str(fake.random_int(1, 9))),
    (_named("sku|product_?code|part_number"), lambda fake: fake.bothify("SKU-####-??").upper()),
    (_named("slug|permalink"), lambda fake: fake.slug()),
    (_named("code|reference|ref|external_id|number"), lambda fake: fake.bothify("??-#####").upper()),
    (_named("colou?r"), lambda fake: fake.color_name().lower()),
    (_named("isbn"), lambda fake: fake.isbn13()),
    (_named("title|subject|headline|summary|subtitle"), lambda fake: fake.sentence(4).rstrip(".")),
    (
        _named("description|notes?|comments?|text|body|content|message|remarks?|bio|about|details|memo"),
        lambda fake: fake.sentence(8),
    ),
    (_named("tags?|label|category|keyword|topic|genre"), lambda fake: fake.word()),
    (_named("product|item"), lambda fake: f"{fake.color_name()} {fake.word()}"),
    (_named("name|\\w+_name"), lambda fake: " ".join(fake.words(2)).title()),
]
_AMOUNTS: list[tuple[re.Pattern[str], float, float, int]] = [
    (re.compile("lat"), -60.0, 60.0, 5),
    (re.compile("lon|lng"), -170.0, 170.0, 5),
    (re.compile("percent|rate|ratio"), 1.0, 90.0, 0),
    (re.compile("price|amount|total|cost|balance|value"), 5.0, 90.0, 2),
    (re.compile("quantity|qty|count|number|size|stock"), 1, 9, 0),
    (re.compile("year"), 2000, 2030, 0),
    (re.compile("age"), 20, 70, 0),
    (re.compile("weight|height|width|length|depth"), 1.0, 40.0, 1),
    (re.compile("priority|position|rank|rating|stars|level"), 1, 5, 0),
]
