from typing import Any

from tests.by_hand import by_hand
from tests.gateway import BEARER, Network, network, running_gateway


async def capacity(net: Network) -> dict[str, Any]:
    answer = await net.http.get("/api/capacity")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def test_it_says_how_full_the_worker_is_and_why_it_takes_no_calls() -> None:
    async with network(max_calls_per_worker=3) as net:
        assert await capacity(net) == {
            "worker": "w0",
            "active_calls": 0,
            "max_concurrent_calls": 3,
            "free_calls": 3,
            "utilization_percent": 0.0,
            "accepting": True,
            "reason": None,
        }
        lines = [await net.connected()]
        one = await capacity(net)
        assert (one["active_calls"], one["free_calls"], one["utilization_percent"]) == (1, 2, 33.3)

        lines += [await net.connected(), await net.connected()]
        full = await capacity(net)
        assert (full["active_calls"], full["free_calls"], full["utilization_percent"]) == (3, 0, 100.0)
        assert (full["accepting"], full["reason"]) == (False, "full")

        lines[0].hang_up()
        await net.ended(lines[0])
        assert (await capacity(net))["accepting"] is True


async def test_a_worker_that_drains_says_so() -> None:
    async with running_gateway(drain_seconds=30) as running, by_hand(running) as twilio, running.http() as http:
        await twilio.ring()
        running.server.stop()
        shown = (await http.get("/api/capacity")).json()
        assert (shown["active_calls"], shown["accepting"], shown["reason"]) == (1, False, "draining")


async def test_it_is_guarded_like_the_api() -> None:
    async with running_gateway() as running, running.http(headers={}) as http:
        assert (await http.get("/api/capacity")).status_code == 401
        assert (await http.get("/api/capacity", headers=BEARER)).status_code == 200
