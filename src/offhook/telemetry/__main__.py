"""``python -m offhook.telemetry`` prints docs/metrics.md."""

from offhook.telemetry.page import render_page

if __name__ == "__main__":
    print(render_page(), end="")
