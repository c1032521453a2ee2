"""What does a term of a report mean? The glossary, as a tooltip where a term is first met and as a list at the end."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import NavigableString

# Where a term is read as one: in prose, answers and lines, not in headings, code, links and tables of numbers.
_READ = "main :is(p, li, dd, thead th)"
_NOT_IN = ["a", "pre", "code", "summary", "svg", "h1", "h2", "h3", "button"]


class Term(NamedTuple):
    """What is explained: how it may be written, what it is called, and what it means."""

    pattern: re.Pattern[str]
    name: str
    said: str


@cache
def terms() -> tuple[Term, ...]:
    """The terms of docs/glossary.md: of the checkout, else as the wheel brings it."""
    package = Path(__file__).resolve().parents[2]
    checkout = package.parent / "docs" / "glossary.md"
    path = checkout if (package.parent / "pyproject.toml").is_file() else package / "docs" / "glossary.md"
    return tuple(read(path.read_text(encoding="utf-8"))) if path.is_file() else ()


def read(text: str) -> list[Term]:
    """The terms of a glossary: a paragraph each, which begins with its names in bold type, apart by commas.

    A k or an x in a name stands for any number.

    Examples
    --------
    >>> term, = read("**After k tries** (`best_of_k`). The best of k runs.")
    >>> term.name, term.said, bool(term.pattern.search("after 20 tries it gains"))
    ('After k tries', 'The best of k runs.', True)
    """
    found = []
    for paragraph in text.split("\n\n"):
        head = re.match(r"\*\*(.+?)\.?\*\*(?: \([^)]*\))?\.? (.+)", " ".join(paragraph.split()))
        if head:
            said = re.sub(r"\*(.+?)\*|`(.+?)`", lambda m: m[1] or m[2], head[2])
            patterns = [_pattern(name) for name in head[1].rstrip(".").split(", ")]
            # Words of their own only, whichever letter a sentence begins with.
            any_of = re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.IGNORECASE)
            found.append(Term(any_of, head[1].rstrip("."), said))
    return found


def _pattern(name: str) -> str:
    words = [r"(?:k|\d+)" if word == "k" else r"[\d.,]+" if word == "x" else re.escape(word) for word in name.split()]
    return r"\s+".join(words)


def explained(page: str) -> str:
    """A page in which each term is explained where it first stands, and all of them at its end.

    Examples
    --------
    >>> html = explained("<main><p>Untuned it gains 2 points.</p></main>")
    >>> 'href="#term-untuned"' in html, html.count("<dt ")
    (True, 2)
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    explain(soup)
    return str(soup)


def explain(soup: BeautifulSoup) -> None:
    """Explain each term where a page first has it, and list those that it has at its end, in place."""
    left = list(terms())
    met: list[Term] = []
    for text in [t for tag in soup.select(_READ) for t in tag.find_all(string=True)]:
        _mark(soup, text, left, met)
    if not met:
        return
    part, summary = soup.new_tag("details", attrs={"class": "more terms", "id": "glossary"}), soup.new_tag("summary")
    summary.string = "terms on this page"
    items = soup.new_tag("dl")
    for term in sorted(met, key=lambda term: term.name):
        name, said = soup.new_tag("dt", attrs={"id": _id(term)}), soup.new_tag("dd")
        name.string, said.string = term.name, term.said
        items.extend([name, said])
    part.extend([summary, items])
    soup.select("main")[0].append(part)


def _mark(soup: BeautifulSoup, text: NavigableString, left: list[Term], met: list[Term]) -> None:
    """The first occurrence of every term that is still to be explained, in one text."""
    if text.parent is None or text.find_parent(_NOT_IN):
        return
    for term in list(left):
        found = term.pattern.search(str(text))
        if found is None:
            continue
        left.remove(term)
        met.append(term)
        before, after = (soup.new_string(part) for part in (text[: found.start()], text[found.end() :]))
        text.replace_with(before, _link(soup, term, found[0]), after)
        _mark(soup, before, left, met)
        _mark(soup, after, left, met)
        return


def _link(soup: BeautifulSoup, term: Term, text: str) -> Tag:
    """A term with its meaning, which a pointer, a key and a screen reader find; it leads to the list."""
    link = soup.new_tag("a", attrs={"class": "term", "href": f"#{_id(term)}", "title": term.said})
    link.string = text
    return link


def _id(term: Term) -> str:
    return f"term-{re.sub(r'[^a-z0-9]+', '-', term.name.lower()).strip('-')}"
