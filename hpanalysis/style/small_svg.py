"""How is a picture of lines kept small? Without what nobody sees: a page holds each twice, to show and to save."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase
from xml.etree import ElementTree

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
GROUP, DEFINITIONS, METADATA, HREF = f"{{{SVG}}}g", f"{{{SVG}}}defs", f"{{{SVG}}}metadata", f"{{{XLINK}}}href"
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_MOVED = re.compile(r"translate\(([^ )]+)(?: ([^ )]+))?\)")
# How matplotlib scales the outline of a letter.
LETTER = "scale(0.015625)"
_PICTURE = "data:image/png;base64,"
# A crowded part is in few colours, each more or less transparent.
COLOURS = 64


def small(text: str) -> str:
    """A picture as matplotlib writes it, in fewer bytes.

    Parameters
    ----------
    text
        SVG of matplotlib.

    Returns
    -------
    str
        The same picture to a hundredth of a point: without comments, blanks, empty groups and names that nothing refers
        to, its lines from point to point instead of from the corner, each look said once, images in it in 64 colours.

    Examples
    --------
    >>> svg = 'xmlns="http://www.w3.org/2000/svg"'
    >>> print(small(f'<svg {svg}><!-- a line --><g id="a"><path d="M 10.123 20 L 15 20.001"/></g><g id="b"/></svg>'))
    <svg xmlns='http://www.w3.org/2000/svg'><path d='M10.12 20h4.88'/></svg>
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(text)
    _short_names(root)
    for element in root.iter():
        # What stands between tags is for who reads the file.
        element.text, element.tail = ((t if t and t.strip() else None) for t in (element.text, element.tail))
        _short_numbers(element)
        if element.get(HREF, "").startswith(_PICTURE):
            element.set(HREF, _PICTURE + _few_colours(element.get(HREF, "").removeprefix(_PICTURE)))
    root[:] = _flat(root)
    _share_looks(root)
    written = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
    # An address has to spell out the other kind of quote.
    return written if "'" in written else written.replace('"', "'")


def relative(d: str, scale: float = 1.0, decimals: int = 2) -> str:
    """The path of a line with steps instead of places, enlarged by a scale and rounded to one decimal or two.

    Examples
    --------
    >>> relative("M 684 794 L 1344 794 L 1344 0 z")
    'M684 794h660v-794z'
    >>> relative("M 0 0 Q 10 5 20 0 C 1 1 2 2 3 3.5")
    'M0 0q10 5 20 0c-19 1-18 2-17 3.5'
    """
    out, here, start = [], (0, 0), (0, 0)
    for command, rest in _COMMAND.findall(d):
        numbers = [_hundredths(scale * float(n), decimals) for n in rest.split()]
        points = [*zip(numbers[::2], numbers[1::2], strict=True)]
        steps = [(x - here[0], y - here[1]) for x, y in points]
        if command == "M":
            out.append("M" + _joined(numbers))
            start = points[-1]
        elif command == "L" and len(steps) == 1 and 0 in steps[0]:
            across, down = steps[0]
            out.append(f"h{_written(across)}" if down == 0 else f"v{_written(down)}")
        else:
            out.append(command.lower() + _joined([n for step in steps for n in step]))
        here = points[-1] if points else start
    return "".join(out)


def _hundredths(number: str | float, decimals: int = 2) -> int:
    coarse: int = 10 ** (2 - decimals)
    return coarse * round(100 / coarse * float(number))


def _written(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _joined(numbers: list[int]) -> str:
    """Numbers in a row; a sign sets them apart by itself."""
    return " ".join(map(_written, numbers)).replace(" -", "-")


def _short_numbers(element: ElementTree.Element) -> None:
    if element.get("transform") == LETTER:
        del element.attrib["transform"]
        # A letter is drawn in hundredths of its size, as it is placed below.
        element.set("d", relative(element.get("d", ""), 1 / 64, decimals=1))
    elif "d" in element.attrib:
        element.set("d", relative(element.get("d", "")))
    for name in ("x", "y"):
        if name in element.attrib:
            element.set(name, _written(_hundredths(element.get(name, ""))))
    if "style" in element.attrib:
        element.set("style", element.get("style", "").replace("; ", ";").replace(": ", ":"))
    if moved := _MOVED.match(element.get("transform", "")):
        x, y = (_written(_hundredths(n or "0")) for n in moved.groups())
        rest = element.get("transform", "")[moved.end() :]
        if rest or HREF not in element.attrib:
            element.set("transform", f"translate({x} {y}){rest}")
            return
        del element.attrib["transform"]
        places = {name: _written(_hundredths(n or "0", 1)) for name, n in zip("xy", moved.groups(), strict=True)}
        element.attrib |= {name: place for name, place in places.items() if place != "0"}


def _short_names(root: ElementTree.Element) -> None:
    """Names that something refers to as short as can be, and none of the others."""
    refers = re.compile(r"(?<=^#).+|(?<=url\(#)[^)]+")
    used = (name for element in root.iter() for value in element.attrib.values() for name in refers.findall(value))
    short = dict(zip(dict.fromkeys(used), _letters(), strict=False))
    for element in root.iter():
        for key, value in [*element.attrib.items()]:
            element.set(key, refers.sub(lambda name: short[name[0]], value))
        if (name := element.attrib.pop("id", None)) in short:
            element.set("id", short[str(name)])


def _letters() -> Iterator[str]:
    """Names a, b, and so on, the short ones first."""
    return ("".join(letters) for n in count(1) for letters in product(ascii_lowercase, repeat=n))


def _flat(element: ElementTree.Element) -> list[ElementTree.Element]:
    """What an element holds, without groups that say nothing and what is empty."""
    out = []
    for child in element:
        child[:] = _flat(child)
        if child.tag == METADATA or (child.tag in (GROUP, DEFINITIONS) and not len(child)):
            continue
        out += [*child] if child.tag == GROUP and not child.attrib else [child]
    return out


def _share_looks(root: ElementTree.Element) -> None:
    """Each style that several elements have once, by a name."""
    found = Counter(style for element in root.iter() if (style := element.get("style")))
    names = dict(zip((style for style, times in found.items() if times > 1), _letters(), strict=False))
    for element in root.iter():
        if element.get("style") in names:
            element.set("class", names[element.attrib.pop("style")])
    if names:
        sheet = ElementTree.Element(f"{{{SVG}}}style")
        sheet.text = "".join(f".{name}{{{style}}}" for style, name in names.items())
        root.insert(0, sheet)


def _few_colours(image: str) -> str:
    from PIL import Image

    file = io.BytesIO()
    picture = Image.open(io.BytesIO(base64.b64decode(image))).convert("RGBA")
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
