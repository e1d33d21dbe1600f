"""One Chromium and one Jupyter server for all browser tests; a new page for each."""

import hosts
import node
import pytest


def pytest_collection_modifyitems(items):
    """Every test of this folder needs the browser."""
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    if absent := hosts.missing():
        pytest.skip(f"browser tests: {absent}")
    from playwright.sync_api import sync_playwright

    node.install()  # the accessibility checker is one of its packages
    with sync_playwright() as play:
        browser = hosts.chromium(play)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter(browser, tmp_path_factory):
    server = hosts.jupyter(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def without_manager(browser, tmp_path_factory):
    server = hosts.jupyter(tmp_path_factory.mktemp("bare"), widgets=False)
    yield server
    server.close()


@pytest.fixture
def page(browser):
    """A page that fails the test where a script of foreign text has acted."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    acted = None if page.is_closed() else page.evaluate("() => window.pwned")
    context.close()
    assert acted is None


@pytest.fixture(params=["lab", "notebook"])
def open_book(request, page, jupyter):
    """Opens a notebook of these cells in either application; the first cell loads us."""

    def start(*cells):
        name = f"{request.param}-{abs(hash(request.node.name)):x}.ipynb"
        jupyter.write(name, "%load_ext ipyfootprint", *cells)
        book = hosts.Book(page, jupyter, request.param, name)
        book.run(0)
        return book

    return start
