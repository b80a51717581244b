"""What import-linter cannot say: the core is told the time, and has no loop, socket or clock of its own."""

import ast
from pathlib import Path

import pytest

import offhook

HERE = Path(offhook.__file__).parent
TOLD_THE_TIME = [
    *(f"calls/{name}.py" for name in (
        "turns", "playout", "replies", "backlog", "unsaid", "patience", "digits", "tool_rounds", "life", "line",
        "tokens", "pacing", "conversation", "scribe", "states", "departure",
    )),
    *(str(path.relative_to(HERE)) for room in ("wires", "audio") for path in sorted((HERE / room).rglob("*.py"))),
    *(f"loadtest/twilio/{name}.py" for name in ("playback", "twiml", "track", "voice")),
    *(f"loadtest/far_end/{name}.py" for name in ("ears", "session", "speaking")),
    *(f"realtime_server/{name}.py" for name in (
        "configuration", "conversation", "response", "input_account", "tokens",
    )),
    "ears/endpointing.py",
    *(f"recognisers/{name}.py" for name in ("vocabulary", "slots", "trigrams", "lexicon", "letters", "spoken")),
    *(f"recognisers/sphinx/{name}.py" for name in ("judgement", "quieting", "levelling", "front")),
    *(f"voices/{name}.py" for name in ("sentences", "words", "reading", "markup", "numbers", "encodings", "leveling")),
    *(f"dialogue/{name}.py" for name in ("course", "understanding", "filling", "domain", "listening", "numbers")),
    *(f"speech/{name}.py" for name in ("history", "configuration")),
]  # fmt: skip
CLOCKS_AND_SOCKETS = {"asyncio", "time", "socket", "threading", "datetime", "selectors", "picows", "uvloop"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("file", TOLD_THE_TIME)
def test_the_core_has_no_clock_and_no_socket(file: str) -> None:
    assert imported(HERE / file) & CLOCKS_AND_SOCKETS == set()


def test_every_room_says_what_is_in_it() -> None:
    silent = [
        str(room.relative_to(HERE))
        for room in HERE.rglob("*/")
        if any(room.glob("*.py")) and not (room / "__init__.py").read_text().startswith('"""')
    ]

    assert silent == []
