"""Is a small picture the same picture? Every line, letter and colour is where it was, in half the bytes."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from hpanalysis.style.small_svg import GROUP, HREF, LETTER, SVG, small

PATH, USE, STYLE = (f"{{{SVG}}}{name}" for name in ("path", "use", "style"))


def written(figure):
    file = io.StringIO()
    with rc_context({"svg.hashsalt": "hpanalysis"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, dpi=150)
    return file.getvalue()


def figure_of(points=3):
    figure = Figure(figsize=(3, 2))
    ax = figure.add_subplot()
    ax.plot(np.linspace(0, 1, points), np.linspace(1 / 7, 1, points) ** 2, "o-", color="#0b6b6b", label="a − b")
    ax.vlines([0.1, 0.2, 0.3], 0, 1 / 3, alpha=0.12)
    ax.fill_between([0, 1], [0, 1], [1, 2], alpha=0.2)
    ax.set_xlabel("x & y")
    ax.legend()
    return figure


def places(d):
    """The points of a path, whether it tells places or steps."""
    here, start, out = np.zeros(2), np.zeros(2), []
    for command, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", d):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", rest)]
        if command in "zZ":
            here = start
            continue
        if command in "hv":
            numbers = [numbers[0], 0.0] if command == "h" else [0.0, numbers[0]]
        points = np.reshape(numbers, (-1, 2)) + (here if command.islower() else 0)
        here = points[-1]
        start = here if command == "M" else start
        out += [*points]
    return np.array(out)


def drawn(text):
    """What is drawn, in order: the points of each path and the place of each letter, its size, and its look."""
    root = ElementTree.fromstring(text)
    sheet = "".join(element.text or "" for element in root.iter(STYLE))
    looks = {f".{name}": look for name, look in re.findall(r"\.(\w+)\{([^}]*)\}", sheet)}
    for element in root.iter():
        look = element.get("style") or looks.get(f".{element.get('class')}", "")
        look = sorted(part.strip().replace(": ", ":") for part in look.split(";"))
        if element.tag == PATH:
            points, letter = places(element.get("d", "")), element.get("transform") == LETTER
            yield "path", points / 64 if letter else points, look
        elif element.tag == USE:
            moved = re.match(r"translate\(([^ )]+)(?: ([^ )]+))?\)", element.get("transform", ""))
            at = [float(n or 0) for n in moved.groups()] if moved else [0.0, 0.0]
            yield "use", np.array(at) + [float(element.get(key, 0)) for key in "xy"], look
        elif element.tag == GROUP and "scale" in element.get("transform", ""):
            yield "text", np.array([float(n) for n in re.findall(r"-?[\d.]+", element.get("transform"))]), look


def test_a_small_picture_is_the_same_picture():
    whole = written(figure_of())
    ours, theirs = list(drawn(small(whole))), list(drawn(whole))
    assert [(kind, look) for kind, _, look in ours] == [(kind, look) for kind, _, look in theirs]
    for (_, one, _), (_, other, _) in zip(ours, theirs, strict=True):
        # Of letters a hundredth of their size.
        assert one.shape == other.shape and (np.abs(one - other) < 0.051).all()
    assert len(small(whole)) < 0.6 * len(whole)


def test_what_refers_to_a_part_still_finds_it():
    root = ElementTree.fromstring(small(written(figure_of())))
    names = [element.get("id") for element in root.iter() if element.get("id")]
    asked = {value for element in root.iter() for value in re.findall(r"url\(#([^)]+)", str(element.attrib))}
    asked |= {element.get(HREF, "")[1:] for element in root.iter() if HREF in element.attrib}
    assert asked and asked == set(names) and len(names) == len(set(names))


def test_an_image_in_a_picture_keeps_its_look():
    figure = figure_of(500)
    for line in figure.axes[0].lines:
        line.set_rasterized(True)
    found = [
        re.search(r"data:image/png;base64,([^\"']+)", text)[1] for text in (written(figure), small(written(figure)))
    ]
    whole, few = (Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA") for data in found)
    assert whole.size == few.size and len(found[1]) < len(found[0])
    on_white = [Image.alpha_composite(Image.new("RGBA", i.size, "white"), i).convert("L") for i in (whole, few)]
    assert np.abs(np.subtract(*(np.asarray(i, dtype=float) for i in on_white))).mean() < 2
