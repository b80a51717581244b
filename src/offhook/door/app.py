"""All the doors together, as one ASGI application. Media streams are not among them: they come in by the slot."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from offhook.door.description import description_routes
from offhook.door.guard import Guard
from offhook.door.limits import BodyLimit
from offhook.door.proxies import Proxies
from offhook.door.rates import Rates
from offhook.door.strangers import StrangersLimit


def make_app(
    *,
    version: str,
    open_routes: list[APIRouter],
    guarded_routes: list[APIRouter],
    watched_routes: list[APIRouter],
    api_token: str | None,
    metrics_token: str | None,
    rates: Rates,
    proxies: Proxies,
    shown: Mapping[str, str],
) -> FastAPI:
    """``open_routes`` see for themselves who comes; ``guarded_routes`` want the token, or a visitor of this machine.

    ``watched_routes`` are guarded as well, but the metrics token opens them, too, and their requests are counted apart.
    ``shown``: the header without which nobody gets in, by the beginning of the path.
    """
    guard = Guard(api_token, rates.api)
    watch = Guard(api_token, rates.watch, metrics_token)
    app = FastAPI(title="Offhook", version=version, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit)
    app.add_middleware(StrangersLimit, rates=rates, proxies=proxies, shown=shown)
    for router in open_routes:
        app.include_router(router)
    for router in (*guarded_routes, description_routes()):
        app.include_router(router, dependencies=[Depends(guard)])
    for router in watched_routes:
        app.include_router(router, dependencies=[Depends(watch)])

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [f"{'.'.join(str(p) for p in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()[:5]]
        return JSONResponse({"error": "; ".join(faults)[:1000]}, status_code=422)

    return app
