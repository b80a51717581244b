import subprocess
from pathlib import Path

import pytest
from benchmarks.peers.haproxy import Relay, configuration, found


def test_the_configuration_relays_in_one_thread() -> None:
    text = configuration(Relay(8001, 8002))
    for line in ("nbthread 1", "mode tcp", "bind 127.0.0.1:8001\n", "server far 127.0.0.1:8002"):
        assert line in text


def test_tls_is_ended_where_there_is_a_certificate() -> None:
    assert "bind 127.0.0.1:8001 ssl crt /tmp/both.pem" in configuration(Relay(8001, 8002, Path("/tmp/both.pem")))


def test_haproxy_takes_it(tmp_path: Path) -> None:
    program = found()
    if program is None:
        pytest.skip("HAProxy is not installed")
    file = tmp_path / "haproxy.cfg"
    file.write_text(configuration(Relay(8001, 8002)))
    done = subprocess.run([program, "-c", "-f", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
