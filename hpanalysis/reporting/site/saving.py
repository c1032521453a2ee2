"""How does a reader take a figure or a table along? By links that hold the file: SVG, CSV and LaTeX."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from hpanalysis.reporting.notebooks.helpers import safe_table

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

SVG = "data:image/svg+xml;base64,"
# What LaTeX reads as something else, and signs that its standard fonts lack.
_LATEX = {c: rf"\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}
_LATEX |= {"^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "−": "$-$", "×": r"$\times$", "±": r"$\pm$", "²": "$^2$"}
_LATEX |= {"–": "--", "…": r"\dots{}", "≤": r"$\le$", "≥": r"$\ge$", "µ": r"$\mu$", "½": r"$\frac12$", "·": r"$\cdot$"}


def add_links(soup: BeautifulSoup, name: str) -> None:
    """Put under each figure of lines a link that saves it, and under each table two, in place.

    Parameters
    ----------
    soup
        A page whose tables are wrapped.
    name
        Of the page, with which the names of the files begin.
    """
    for i, picture in enumerate(soup.select(f'figure > img[src^="{SVG}"]'), start=1):
        text = base64.b64decode(str(picture["src"]).removeprefix(SVG)).decode("utf-8")
        # Percents take less room than base64, which counts as the picture is in the page twice.
        address = held("image/svg+xml", text)
        picture["src"] = address
        _below(soup, picture, "figcaption", [("SVG", f"{name}-figure-{i}.svg", address)])
    for i, wrapped in enumerate(soup.select("div.table"), start=1):
        frame = table_of(wrapped)
        if frame.empty:
            continue
        csv = safe_table(frame).to_csv(index=False, lineterminator="\n")
        links = [
            ("CSV", f"{name}-table-{i}.csv", held("text/csv;charset=utf-8", csv)),
            ("LaTeX", f"{name}-table-{i}.tex", held("text/plain;charset=utf-8", latex(frame))),
        ]
        _below(soup, wrapped, "p", links)


# What an address may hold as it is, beside letters and digits.
_PLAIN = " !$'()*+,-./:;=?@[]_|~"


def held(kind: str, text: str) -> str:
    """An address that holds a file by itself, ready for ``href``.

    Examples
    --------
    >>> held("text/csv", "a,b")
    'data:text/csv,a,b'
    """
    return f"data:{kind},{quote(text, safe=_PLAIN)}"


def _below(soup: BeautifulSoup, what: Tag, tag: str, links: list[tuple[str, str, str]]) -> None:
    line = soup.new_tag(tag, attrs={"class": "save"})
    line.append("save as ")
    for i, (kind, file, address) in enumerate(links):
        link = soup.new_tag("a", attrs={"download": file, "href": address, "aria-label": f"save as {kind}: {file}"})
        link.string = kind
        line.append(", " if i else "")
        line.append(link)
    what.insert_after(line)


def table_of(tag: Tag) -> pd.DataFrame:
    """A table of a page as texts.

    Examples
    --------
    >>> from bs4 import BeautifulSoup
    >>> html = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1 [0, 2]</td></tr></tbody></table>"
    >>> table_of(BeautifulSoup(html, "html.parser")).to_dict("list")
    {'a': ['1 [0, 2]']}
    """
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"], recursive=False)]
        for row in tag.find_all("tr")
    ]
    rows = [row for row in rows if row]
    if len(rows) < 2:
        return pd.DataFrame()
    width = max(map(len, rows))
    head, *body = [[*row, *[""] * (width - len(row))] for row in rows]
    return pd.DataFrame(body, columns=pd.Index(head))


def latex(frame: pd.DataFrame) -> str:
    r"""A table of texts for a paper that loads booktabs; numbers stand to the right.

    Examples
    --------
    >>> print(latex(pd.DataFrame({"level": ["glorot_normal"], "gain": ["−0.1"]})))
    \begin{tabular}{lr}
    \toprule
    level & gain \\
    \midrule
    glorot\_normal & $-$0.1 \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    """
    number = re.compile(r"[+\-−–]?[\d,.]*\d?( %)?")
    right = [all(number.fullmatch(str(x)) for x in frame.iloc[:, i]) for i in range(frame.shape[1])]
    rows = [[_escaped(x) for x in row] for row in (list(frame.columns), *frame.itertuples(index=False, name=None))]
    head, *body = [" & ".join(row) + r" \\" for row in rows]
    kinds = "".join("r" if x else "l" for x in right)
    lines = [rf"\begin{{tabular}}{{{kinds}}}", r"\toprule", head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def _escaped(text: object) -> str:
    return "".join(_LATEX.get(c, c) for c in str(text))
