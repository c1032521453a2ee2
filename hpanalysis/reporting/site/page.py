"""How does a notebook become a page? One file that needs no network, no script and no wide screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from hpanalysis.reporting.site.glossary import explain
from hpanalysis.reporting.site.saving import add_links
from hpanalysis.views.script import policy_hash

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from jinja2 import Environment
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).resolve().parent / "templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SHOWN_FIRST = (
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/latex",
    "text/plain",
)
# Columns that fit on paper side by side.
WIDE = 8
_ACTIVE = ("script", "iframe", "object", "embed", "link", "base", "form", "input", "button", "video", "audio")
_NUMBER = re.compile(r"[+\-−]?[\d,.\s]*\d\s*%?|[+\-−]?\d+(\.\d*)?e[+\-]?\d+|NaN|nan|inf|-|")
_INTERVAL = re.compile(r"([+\-−]?[\d.e+\-−]+) (\[[^\[\]]+\])(.*)", re.DOTALL)


def page(
    notebook: NotebookNode,
    *,
    title: str,
    sweep: str,
    shown: dict[str, str],
    failure: str = "",
    name: str = "report",
    titles: Mapping[str, str] | None = None,
) -> str:
    """The HTML of an executed notebook.

    Parameters
    ----------
    notebook
        With its outputs.
    title, sweep
        For the head of the page.
    shown
        Parameters of this run, name -> text.
    failure
        Why it stopped, in one line; empty if it ran to its end.
    name
        With what the files begin that its links save.
    titles
        Notebook -> what the page of it is called, for links between them; by default as the notebook calls it.
    """
    from bs4 import BeautifulSoup

    resources = {
        "style": style(),
        "policy": POLICY,
        "title": title,
        "sweep": sweep,
        "shown": shown,
        "failure": failure,
    }
    html, _ = _exporter().from_notebook_node(notebook, resources={"report": resources})
    soup = BeautifulSoup(html, "html.parser")
    disarm(soup)
    _heading(soup, title)
    _contents(soup)
    _fold(soup)
    _tables(soup)
    _pictures(soup, title)
    _links(soup, titles or {})
    explain(soup)
    add_links(soup, name)
    return str(soup)


def render(template: str, *, script: str = "", **context: object) -> str:
    """A page from a template; whatever is put into it is escaped, and no script runs but the one given, by its hash."""
    policy = POLICY.replace(";", f"; script-src {policy_hash(script)};", 1) if script else POLICY
    return _environment().get_template(template).render(policy=policy, style=style(), script=script, **context)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["address"] = lambda text: quote(str(text), safe="/#")
    return environment


@cache
def style() -> str:
    """The style sheet of all pages, to be put inside them."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    return HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        embed_images=True,
        config=Config({"NbConvertBase": {"display_data_priority": list(SHOWN_FIRST)}}),
    )


def disarm(soup: BeautifulSoup) -> None:
    """Take out, in place, whatever could run or fetch: a second wall behind the page's own policy."""
    for tag in soup.find_all(_ACTIVE):
        tag.decompose()
    for tag in soup.find_all("meta", attrs={"http-equiv": True}):
        if str(tag["http-equiv"]).lower() != "content-security-policy":
            tag.decompose()
    for tag in soup.find_all(True):
        for name in [a for a in tag.attrs if a.lower().startswith("on") or a.lower() in ("srcdoc", "srcset")]:
            del tag[name]
        for name in ("src", "href", "xlink:href", "action", "formaction", "background", "poster"):
            if name in tag.attrs and not _harmless(tag.name, str(tag[name])):
                del tag[name]


def _harmless(tag: str, address: str) -> bool:
    plain = re.sub(r"[\s\x00-\x1f]", "", address).lower()
    if tag == "a":
        return not re.match(r"[a-z][a-z0-9+.\-]*:", plain) or plain.startswith(("http://", "https://", "mailto:"))
    return plain.startswith(("data:image/", "#"))


def _heading(soup: BeautifulSoup, title: str) -> None:
    """The question with the names that it was asked about, in the place of the general one."""
    general = soup.find("h1")
    if general is not None:
        general.string = title
    for question in soup.select(".verdict > p:first-child > b:only-child"):
        if question.get_text() == title and question.parent is not None:
            question.parent.decompose()


def _fold(soup: BeautifulSoup) -> None:
    """Put the parts whose first cell is tagged so behind their heading, up to the next part."""
    for first in soup.select("main > .prose.folded"):
        heading = first.find("h2")
        if heading is None:
            continue
        fold, summary = soup.new_tag("details", attrs={"class": "part"}), soup.new_tag("summary")
        rest = list(first.find_next_siblings())
        first.insert_before(fold)
        fold.append(summary)
        summary.append(heading.extract())
        fold.append(first)
        for part in rest:
            if part.find(["h1", "h2"]) is not None and "prose" in part.get_attribute_list("class"):
                break
            fold.append(part.extract())


def _contents(soup: BeautifulSoup) -> None:
    taken: set[str] = set()
    items = soup.new_tag("ol")
    for heading in soup.select("main :is(h2, h3)"):
        text = heading.get_text(" ", strip=True)
        slug = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "part"
        while slug in taken:
            slug += "-"
        taken.add(slug)
        heading["id"] = slug
        item = soup.new_tag("li", attrs={"class": heading.name})
        link = soup.new_tag("a", href=f"#{slug}")
        link.string = text
        item.append(link)
        items.append(item)
    if taken:
        soup.select("#contents")[0].append(items)
    else:
        soup.select("nav")[0].decompose()


def _tables(soup: BeautifulSoup) -> None:
    for table in soup.find_all("table"):
        for name in ("border", "style"):
            table.attrs.pop(name, None)
        columns: dict[int, list[Tag]] = {}
        for row in table.find_all("tr"):
            for cell in row.find_all("th"):
                cell["scope"] = "row" if row.find("td") else "col"
            if row.find("td"):
                for i, cell in enumerate(row.find_all(["th", "td"], recursive=False)):
                    columns.setdefault(i, []).append(cell)
        head = [r for r in table.find_all("tr") if not r.find("td")]
        for i, cells in columns.items():
            if all(_NUMBER.fullmatch(cell.get_text(strip=True)) for cell in cells):
                names = [row.find_all("th", recursive=False) for row in head]
                for cell in cells + [n[i] for n in names if len(n) > i]:
                    cell["class"] = " ".join([*filter(None, cell.get_attribute_list("class")), "number"])
        for cell in table.find_all(["th", "td"]):
            # A notebook needs a style in each cell, a page has one of its own.
            cell.attrs.pop("style", None)
        for cell in table.find_all("td"):
            _keep_interval_together(cell, soup)
        label = f"table under “{_heading_above(table)}”"
        # Paper has no room to scroll.
        kind = "table wide" if len(columns) > WIDE else "table"
        table.wrap(soup.new_tag("div", attrs={"class": kind, "tabindex": "0", "role": "region", "aria-label": label}))


def _keep_interval_together(cell: Tag, soup: BeautifulSoup) -> None:
    found = _INTERVAL.fullmatch(cell.string.strip()) if cell.string else None
    if found:
        span = soup.new_tag("span", attrs={"class": "interval"})
        span.string = found[2]
        cell.string = f"{found[1]} "
        cell.append(span)
        cell.append(found[3])


def _pictures(soup: BeautifulSoup, title: str) -> None:
    pictures = soup.find_all("img")
    for i, picture in enumerate(pictures, start=1):
        if not picture.get("src"):
            picture.replace_with(f"[picture left out: {picture.get('alt') or 'it lies outside this page'}]")
        elif not str(picture.get("alt", "")).strip():
            about = _heading_above(picture)
            picture["alt"] = f"Figure {i} of {len(pictures)}" + (f": {about}" if about else f" of {title}")


def _heading_above(tag: Tag) -> str:
    heading = tag.find_previous(["h1", "h2", "h3"])
    return heading.get_text(" ", strip=True) if heading else ""


def _links(soup: BeautifulSoup, titles: Mapping[str, str]) -> None:
    for link in soup.find_all("a", href=True):
        address = str(link["href"])
        if address.endswith("docs/glossary.md"):
            link["href"] = "#glossary"
        elif not re.match(r"[a-z]+:", address):
            there = re.fullmatch(r"(?:\./)?([^/#]+)\.ipynb(#.*)?", address)
            if there is None:
                continue
            link["href"] = f"{there[1]}.html{there[2] or ''}"
            # A question of the shipped sweep is another one on this one.
            if there[1] in titles and link.get_text().endswith("?"):
                link.string = titles[there[1]]
        else:
            link["rel"] = "noopener noreferrer"
