"""Link fields: what the grammar of RFC 8288 allows is parsed, what it does not is refused."""

from __future__ import annotations

import pytest

from harness.http.links import Link, LinkSyntax, links, target, wrong


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" , ,", []),
        ("</a>", [Link("/a")]),
        ('</a>; rel="next"', [Link("/a", (("rel", "next"),))]),
        ("</a>;rel=next", [Link("/a", (("rel", "next"),))]),
        ('</a> ; REL = "next" ;\t title="x"', [Link("/a", (("rel", "next"), ("title", "x")))]),
        (
            '</a?f=1,2;3>; rel="next", </b>; rel=prev',
            [Link("/a?f=1,2;3", (("rel", "next"),)), Link("/b", (("rel", "prev"),))],
        ),
        (
            '</a>; title="a, b; c=\\"d\\" > e"; rel=next',
            [Link("/a", (("title", 'a, b; c="d" > e'), ("rel", "next")))],
        ),
        ("</a>; crossorigin; rel=preload", [Link("/a", (("crossorigin", None), ("rel", "preload")))]),
        ("</a>; title*=UTF-8''x; rel=next,", [Link("/a", (("title*", "UTF-8''x"), ("rel", "next")))]),
        ("<>; rel=self", [Link("", (("rel", "self"),))]),
    ],
)
def test_what_the_grammar_allows(value: str, expected: list[Link]) -> None:
    assert links(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "/a; rel=next",
        "</a; rel=next",
        "</a> rel=next",
        "</a>; rel=next prev",
        '</a>; rel="next',
        "</a>; rel=",
        "</a>;",
        "</a>; ; rel=next",
        "</a>x; rel=next",
        "</a>; =next",
    ],
)
def test_what_it_does_not(value: str) -> None:
    with pytest.raises(LinkSyntax, match="expected"):
        links(value)
    assert target(value, "next") is None


def test_relations_are_a_list_in_any_case() -> None:
    (link,) = links('</a>; rel="Next  LAST"; rel=first')
    assert link.relations == ("next", "last")
    assert target('</a>; rel="self", </b>; rel="Prev NEXT"', "next") == "/b"
    assert target(None, "next") is None


def test_what_is_wrong_beyond_the_grammar() -> None:
    assert wrong(links('</a?x=%20&page[size]=2>; rel="next"')) == []
    assert wrong(links("</a>")) == ["</a> has no rel"]
    assert wrong(links('</a>; rel="next"; rel="last"')) == ["</a> has rel 2 times"]
    assert wrong(links('</a>; rel=""')) == ["</a> has an empty rel"]
    for reference in ("/a b", "/{id}", "/ä", "/%zz"):
        assert wrong(links(f"<{reference}>; rel=next")) == [
            f"<{reference}> is not a URI reference (RFC 3986)"
        ]
