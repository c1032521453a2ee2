"""How much processor time does a move of a brush take? On the main thread of a page, by the browser's own account."""

from collections.abc import Callable
from typing import NamedTuple

STEPS = 60
# A move is over when what it asked for is on the screen: in the second frame after it.
SHOWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Move(NamedTuple):
    """Milliseconds of the main thread for one move of the pointer: the median and the largest of all moves."""

    median: float
    most: float


def timed(page: object, places: list[tuple[float, float]]) -> Move:
    """Press at the first place, move over the others, release; the cost of each move."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent: Callable[[], float] = lambda: next(  # noqa: E731
        m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration"
    )
    page.mouse.move(*places[0])
    page.mouse.down()
    cost = []
    for place in places[1:]:
        before = spent()
        page.mouse.move(*place)
        page.evaluate(SHOWN)
        cost.append(1000 * (spent() - before))
    page.mouse.up()
    session.detach()
    return Move(round(sorted(cost)[len(cost) // 2], 1), round(max(cost), 1))


def moves(page: object, key: str) -> Move:
    """The cost of a brush that grows along an axis of the linked views."""
    head = page.locator(f'.hp-head[data-key="{key}"]')
    head.scroll_into_view_if_needed()
    box = head.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"]
    found = timed(page, [(x, y + 60 + 5 * step) for step in range(STEPS)])
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(500)
    return found
