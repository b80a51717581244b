import os
import socket
import subprocess
import sys

import pytest

from offhook.loadtest.figures.listener import listening_inodes, listening_pid
from offhook.loadtest.figures.process import CAN_READ

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100 0 0 10 0
   1: 0100007F:1F40 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000 100 0 0 10 0
   2: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000 100 0 0 10 0
"""

SHARED = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
if os.fork() == 0:
    time.sleep(30)
print(server.getsockname()[1], flush=True)
sys.stdin.readline()
os.killpg(0, 9)
"""


def test_only_a_socket_that_listens_on_that_port_counts() -> None:
    assert listening_inodes(TABLE, 8000) == {"4711"}
    assert listening_inodes(TABLE, 8002) == set()
    assert listening_inodes("", 8000) == set()


@pytest.mark.skipif(not CAN_READ, reason="this system has no /proc")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_who_listens_is_found_until_it_stops(host: str) -> None:
    with socket.create_server((host, 0)) as server:
        port = server.getsockname()[1]
        assert listening_pid(port) == os.getpid()

    assert listening_pid(port) is None


@pytest.mark.skipif(not CAN_READ, reason="this system has no /proc")
def test_of_two_who_share_no_parent_but_ourselves_none_is_meant() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as one:
        port = one.getsockname()[1]
        command = f"import socket; s = socket.create_server(('127.0.0.1', {port}), reuse_port=True); print(flush=True)"
        running = [
            subprocess.Popen([sys.executable, "-c", f"{command}; input()"], stdin=-1, stdout=-1) for _ in range(2)
        ]
        for each in running:
            assert each.stdout is not None
            each.stdout.readline()
        assert listening_pid(port) == os.getpid()
        one.close()
        found = listening_pid(port)
        for each in running:
            each.communicate(b"\n")

    assert found is None


@pytest.mark.skipif(not CAN_READ, reason="this system has no /proc")
def test_of_those_who_share_a_socket_the_one_above_is_meant() -> None:
    with subprocess.Popen([sys.executable, "-c", SHARED], stdin=-1, stdout=-1, start_new_session=True) as parent:
        assert parent.stdout is not None
        found = listening_pid(int(parent.stdout.readline()))
        parent.communicate(b"\n")

    assert found == parent.pid
