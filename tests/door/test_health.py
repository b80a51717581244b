from importlib.metadata import version

from tests.by_hand import by_hand
from tests.gateway import network, running_gateway


async def test_a_gateway_that_serves_is_alive_and_ready_for_everyone() -> None:
    async with running_gateway() as running, running.http(headers={}) as http:
        alive, ready = await http.get("/healthz"), await http.get("/readyz")

    assert (alive.status_code, alive.json()) == (
        200,
        {"status": "ok", "service": "offhook", "version": version("offhook")},
    )
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_full_gateway_says_so_and_is_not_taken_off_a_balancer_which_its_own_calls_need() -> None:
    async with network(max_calls_per_worker=1) as net, net.running.http(headers={}) as http:
        line = await net.connected()
        full = await http.get("/readyz")
        assert (full.status_code, full.json()) == (200, {"status": "full"})
        assert (await net.http.get("/api/capacity")).json()["accepting"] is False

        line.hang_up()
        await net.ended(line)
        assert (await http.get("/readyz")).json() == {"status": "ready"}


async def test_a_gateway_that_stops_is_alive_and_not_ready() -> None:
    async with running_gateway(drain_seconds=30) as running, by_hand(running) as twilio:
        await twilio.ring()
        running.server.stop()
        async with running.http(headers={}) as http:
            draining = await http.get("/readyz")

            assert (draining.status_code, draining.json()) == (503, {"status": "draining"})
            assert (await http.get("/healthz")).status_code == 200
