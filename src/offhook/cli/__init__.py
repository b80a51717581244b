"""The command line. ``main`` is the program ``offhook``."""

import sys

from offhook.errors import OffhookError

WRONG = 2
"""Exit code when what was asked for cannot be done as things are set."""


def main() -> None:
    """Run the command that the arguments name. An error that we raised on purpose is one line, not a traceback."""
    from offhook.cli.app import app

    try:
        app(prog_name="offhook")
    except OffhookError as error:
        print(f"offhook: {error}", file=sys.stderr)
        sys.exit(WRONG)
