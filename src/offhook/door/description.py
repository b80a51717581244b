"""``/openapi.json`` and ``/docs``: the API's description, for who may use the API."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

SCHEMA_PATH = "/openapi.json"
DOCS_PATH = "/docs"


def description_routes() -> APIRouter:
    """The routes; who may use them is the app's business."""
    router = APIRouter(include_in_schema=False)

    @router.get(SCHEMA_PATH)
    async def schema(request: Request) -> dict[str, Any]:
        """OpenAPI."""
        description: dict[str, Any] = request.app.openapi()
        return description

    @router.get(DOCS_PATH)
    async def docs(request: Request) -> HTMLResponse:
        """The same, to read and to try."""
        return get_swagger_ui_html(openapi_url=SCHEMA_PATH, title=request.app.title)

    return router
