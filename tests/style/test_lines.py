"""Are texts shown as text, and figures described for those who do not see them?"""

import base64
import io

import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell

from hpanalysis.style.lines import IN_REPORT, Lines, as_svg, describe_figure, opening


def test_a_sentence_begins_with_a_capital():
    assert opening("p of x") == "P of x" and opening("") == ""


def test_lines_are_shown_as_text_and_never_as_markup():
    assert Lines("<b>\nx")._repr_html_() == "<p class='summary'>&lt;b&gt;<br>x</p>"
    assert Lines("a  b", aligned=True)._repr_html_() == "<pre>a  b</pre>"
    assert repr(Lines("a\nb")) == "a\nb"


def test_a_described_figure_shows_its_text_beside_its_picture(monkeypatch):
    shell = InteractiveShell()
    monkeypatch.setattr("hpanalysis.style.lines._shell", lambda: shell)

    def draw(figure):
        file = io.BytesIO()
        figure.savefig(file, format="png")
        return base64.b64encode(file.getvalue()).decode()

    shell.display_formatter.formatters["image/png"].for_type(plt.Figure, draw)
    described, plain = plt.figure(), plt.figure()
    describe_figure(described, "a rising line")
    describe_figure(described, "a falling line")
    data, metadata = shell.display_formatter.format(described)
    assert metadata["image/png"] == {"alt": "a falling line"} and data["image/png"] == draw(described)
    assert "image/png" not in shell.display_formatter.format(plain)[1]
    plt.close("all")


def test_in_a_report_a_figure_is_lines_with_its_text_and_the_same_bytes_whenever_it_is_drawn(monkeypatch):
    shell = InteractiveShell()
    monkeypatch.setattr("hpanalysis.style.lines._shell", lambda: shell)
    monkeypatch.setenv(IN_REPORT, "1")
    shell.display_formatter.formatters["image/png"].for_type(plt.Figure, lambda figure: "png")
    figure, ax = plt.subplots()
    ax.plot([1, 2], [3, 4])
    describe_figure(figure, "a rising line")
    data, metadata = shell.display_formatter.format(figure)
    assert "image/png" not in data and metadata["image/svg+xml"] == {"alt": "a rising line"}
    assert (
        data["image/svg+xml"] == as_svg(figure) and "<svg" in data["image/svg+xml"] and "<image" not in as_svg(figure)
    )
    ax.scatter(range(2001), range(2001))
    assert as_svg(figure).count("<image") == 1
    plt.close("all")


def test_a_figure_can_be_described_outside_a_notebook():
    figure = plt.figure()
    describe_figure(figure, "a line")
    assert figure._hpanalysis_alt == "a line"
    plt.close(figure)
