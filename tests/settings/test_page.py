import subprocess
import sys
from pathlib import Path

from offhook.settings.page import render_page
from offhook.settings.table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_docs_say_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m offhook.settings > docs/settings.md"


def test_every_variable_is_in_the_docs() -> None:
    page = render_page()
    for setting in TABLE:
        assert f"`{setting.variable or '[routes]'}`" in page


def test_the_docs_are_printed_by_one_command() -> None:
    printed = subprocess.run([sys.executable, "-m", "offhook.settings"], capture_output=True, check=True, timeout=30)
    assert printed.stdout.decode("utf-8") == render_page()
