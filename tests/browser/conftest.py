"""A real browser for the tests of pages that have a script; without one they are skipped, and say so."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import hpanalysis as hp
from hpanalysis.inquiry.verdicts.verdict import Verdict
from hpanalysis.reporting.site.explore import explore_page
from hpanalysis.reporting.site.study import Study, Told

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# Before the page's own script: whatever its policy stops is written down.
WATCH = """window.stopped = [];
document.addEventListener("securitypolicyviolation", (e) => stopped.push(e.violatedDirective + " " + e.blockedURI));"""


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(item.path).parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser():
    """Chromium, of the system or named by HPANALYSIS_CHROMIUM."""
    playwright = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: pip install playwright")
    path = os.environ.get("HPANALYSIS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        pytest.skip("NO BROWSER TESTS: there is no Chromium here; on Debian apt-get install chromium")
    with playwright.sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        context = driver.chromium.launch(executable_path=path, args=[*FLAGS, f"--crash-dumps-dir={profile}"])
        yield context
        context.close()


@dataclass
class View:
    """A page of linked views that is open, and what went wrong on it."""

    page: object
    path: Path
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def go(self, state: str = "") -> "View":
        """Open it anew, on a state, and wait until all of it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(self.path.as_uri() + (f"#{state}" if state else ""))
        self.settled(0)
        return self

    def settled(self, after: int) -> None:
        """Wait until more rounds were drawn than `after`; by polling, as the policy forbids code from text."""
        for _ in range(1200):
            if self.ask(f"() => window.hpanalysis?.rounds > {after} && hpanalysis.resting"):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the page did not come to rest; errors: {self.errors}")

    def ask(self, code: str, value: object = None) -> object:
        """What a function says in the page."""
        return self.page.evaluate(code, value)

    def then(self, act: Callable[[], object]) -> None:
        """Do something, and wait until it is drawn."""
        before = self.ask("() => hpanalysis.rounds")
        act()
        self.settled(before)

    def rows(self) -> set[int]:
        """The selected runs, by their place in the table."""
        return set(self.ask("() => hpanalysis.selection.rows()"))

    def query(self) -> str:
        """The code for pandas, as the button copies it."""
        self.page.get_by_role("button", name="Copy as pandas").click()
        return self.page.locator(".hp-bar textarea").input_value()

    def middle(self, key: str) -> tuple[float, float]:
        """Where the head of an axis is: its middle, and its upper edge."""
        head = self.page.locator(".hp-head").filter(has_text=key.replace("_", " ")).first
        head.scroll_into_view_if_needed()
        box = head.bounding_box()
        return box["x"] + box["width"] / 2, box["y"]

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point, move over the others, release."""
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point)
        self.then(mouse.up)

    def clean(self) -> None:
        """Nothing was asked of a network, nothing was stopped by the policy, nothing went wrong."""
        assert not [url for url in self.requests if not url.startswith(("file:", "about:", "data:", "blob:"))]
        assert self.ask("() => window.stopped") == []
        assert self.errors == []


@pytest.fixture
def opened(browser, tmp_path) -> Iterator[Callable[..., View]]:
    """Opens the page of a sweep, offline."""
    contexts = []

    def open_page(html: str, state: str = "", *, ready: bool = True, **options: object) -> View:
        path = tmp_path / f"page-{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1500}, **options})
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        view = View(page, path)
        page.on("request", lambda request: view.requests.append(request.url))
        page.on("console", lambda m: view.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: view.errors.append(str(error)))
        page.on("dialog", lambda dialog: view.errors.append(f"a dialog opened: {dialog.message}"))
        page.add_init_script(WATCH)
        if ready:
            view.go(state)
        else:
            page.goto(path.as_uri())
        return view

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def cnn(shipped) -> hp.Sweep:
    """The shipped sweep."""
    return hp.read(str(shipped))


def page_of(sweep: hp.Sweep, *verdicts: Verdict) -> str:
    """The page of a sweep, as a report writes it."""
    return explore_page(Told(Study("toy", "toy.csv", sweep), None, (), verdicts))


@pytest.fixture(scope="session")
def cnn_page(cnn) -> str:
    """Its page, with a verdict on one hyperparameter."""
    said = ("Activation matters.", "By 20 points.")
    return page_of(cnn, Verdict("activation", "Is the activation important?", "ranking", 0.2, "tuned", said))


@pytest.fixture(scope="session")
def page_maker() -> Callable[..., str]:
    """Makes the page of any sweep."""
    return page_of
