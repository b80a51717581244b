"""``GET /metrics``: the numbers of this worker, for Prometheus.

A scraper shows ``OFFHOOK_METRICS_TOKEN`` or ``OFFHOOK_API_TOKEN`` as a bearer token (``authorization`` in Prometheus'
``scrape_configs``); without the latter, it may also just run on this machine. OpenMetrics if the request's ``Accept``
names it, else Prometheus' text format.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from offhook.telemetry.exposition import Exposition


def metrics_routes(exposition: Exposition) -> APIRouter:
    """The page, made when it is asked for, on the loop: its sources belong to the loop."""
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics", response_class=Response)
    async def metrics(accept: Annotated[str, Header()] = "") -> Response:
        """All counts, gauges and histograms: docs/metrics.md."""
        page, content_type = exposition.page(accept)
        return Response(page, headers={"Content-Type": content_type, "Vary": "Accept"})

    return router
