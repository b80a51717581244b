"""``python -m offhook`` is the program ``offhook``."""

from offhook.cli import main

main()
