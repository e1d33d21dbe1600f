"""Minutes of live updates: the page keeps no more memory, nodes or listeners than at first."""

import hosts
import pytest
from test_jupyter import QUICK

SAMPLES = 12
MORE_MB = 1.0  # less than 400 badge and 100 panel payloads weigh, were they kept


@pytest.mark.parametrize("open_book", ["lab"], indirect=True)
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(180, marks=pytest.mark.timeout(600)),
        pytest.param(1800, marks=[pytest.mark.soak, pytest.mark.timeout(3000)]),
    ],
)
def test_minutes_of_live_updates_leave_the_page_as_it_was(open_book, seconds):
    # The cell outlasts the last look at it.
    busy = hosts.BUSY.format(seconds=seconds * 1.25)
    book = open_book(QUICK, "%footprint", f"%%footprint\n{busy}")
    page = book.page
    for index in (1, 2):
        book.run(index)
    page.locator(".ipf-session").wait_for()
    book.start(3)
    page.locator(".ipf-cell svg").wait_for()
    seen = []
    for _ in range(SAMPLES):
        page.wait_for_timeout(1000 * seconds / SAMPLES)
        seen.append(hosts.kept(page))
    assert page.locator('.ipf-cell[data-state="started"]').count() == 1, "still live"
    print(*seen, sep="\n")  # shown by -rP
    first, last = seen[2:6], seen[-4:]
    for name, more in (("heap_mb", MORE_MB), ("nodes", 500), ("listeners", 20)):
        before, after = (min(sample[name] for sample in part) for part in (first, last))
        assert after - before <= more, (name, [sample[name] for sample in seen])
