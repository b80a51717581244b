"""``python -m offhook.settings`` prints docs/settings.md."""

from offhook.settings.page import render_page

if __name__ == "__main__":
    print(render_page(), end="")
