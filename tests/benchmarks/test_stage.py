import sys
from pathlib import Path

import pytest
from benchmarks.stage import Stage, StageError, free_port

NOWHERE: frozenset[int] = frozenset()
SERVE = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]))"


def test_a_process_is_waited_for_read_and_ended(tmp_path: Path) -> None:
    port = free_port()
    with Stage(tmp_path) as stage:
        actor = stage.start("web", (sys.executable, "-c", SERVE, str(port)), NOWHERE)
        actor.until_listening(port)
        actor.until_healthy(f"http://127.0.0.1:{port}/")
        assert actor.read().rss_bytes > 0
    with pytest.raises(StageError, match="web ended"):
        actor.check()


def test_one_that_ends_too_soon_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        actor = stage.start("hasty", (sys.executable, "-c", "raise SystemExit('no such port')"), NOWHERE)
        with pytest.raises(StageError, match=r"hasty ended with code 1:\nno such port"):
            actor.until_healthy("http://127.0.0.1:9/", within_s=30)


def test_settings_of_whoever_runs_it_do_not_reach_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_PORT", "1")
    words = "import os; print({k: v for k, v in os.environ.items() if k.startswith('OFFHOOK_')})"
    with Stage(tmp_path) as stage:
        actor = stage.start("child", (sys.executable, "-c", words), NOWHERE, {"OFFHOOK_HOST": "::1"})
        with pytest.raises(StageError, match="child ended with code 0"):
            actor.until_listening(free_port(), within_s=30)
        assert actor.log.read_text().strip() == "{'OFFHOOK_HOST': '::1'}"
