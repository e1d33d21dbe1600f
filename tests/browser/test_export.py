"""What is left of the views in an executed notebook and its exports, with scripts off."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_jupyter import STORY


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("executed")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JPY", "IPYFOOTPRINT_"))}
    cells = ("%load_ext ipyfootprint", "%%footprint -l work\nsum(range(3_000_000))")
    cells += (STORY.format(small=0), "%footprint")
    book = new_notebook(cells=[new_code_cell(source) for source in cells])
    client = NotebookClient(book, timeout=60, kernel_name="python3")
    env = {**kept, "IPYFOOTPRINT_LEDGER": str(folder / "ledger.db"), "HOME": str(folder)}
    with client.setup_kernel(env=env):
        for index, cell in enumerate(book.cells):
            client.execute_cell(cell, index)
        client.set_widgets_metadata()
    nbformat.write(book, folder / "book.ipynb")
    return book


def test_an_executed_notebook_holds_text_and_html_alone(executed):
    for cell in executed.cells[1:]:
        assert {kind for output in cell.outputs for kind in output.data} == {
            "text/plain",
            "text/html",
        }
    assert "widgets" not in executed.metadata


def test_the_html_export_shows_badge_summary_and_finding_with_scripts_off(executed, browser):
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter().from_notebook_node(executed)
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.set_content(body, wait_until="domcontentloaded")
    text = page.locator("body").inner_text()
    context.close()
    assert "Cell 1 (work)" in text
    assert "Footprint of this session" in text and "idle between cells" in text
    assert "of the saving is used up" in text


def test_the_views_need_no_style_sheet_script_or_address(executed):
    for cell in executed.cells[1:]:
        for output in cell.outputs:
            if output.output_type != "display_data":
                continue
            shown = output.data["text/html"]
            assert "<script" not in shown and "<style" not in shown and "http" not in shown
