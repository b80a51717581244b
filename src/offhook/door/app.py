"""All the doors together, as one ASGI application. Media streams are not among them: they come in by the slot."""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from offhook.door.access import Visitor
from offhook.door.limits import BodyLimit


def make_app(
    *, version: str, open_routes: list[APIRouter], guarded_routes: list[APIRouter], api_token: str | None
) -> FastAPI:
    """``open_routes`` see for themselves who comes; ``guarded_routes`` want the token, or a visitor of this machine."""

    async def may_use_api(request: Request) -> None:
        visitor = Visitor(request.client.host if request.client else None, request.headers)
        allowed = visitor.holds(api_token) if api_token is not None else visitor.is_local
        if not allowed:
            reason = "wrong or missing bearer token" if api_token is not None else "OFFHOOK_API_TOKEN is not set"
            raise HTTPException(401, reason, {"WWW-Authenticate": "Bearer"})

    app = FastAPI(title="Offhook", version=version, docs_url="/docs", redoc_url=None)
    app.add_middleware(BodyLimit)
    for router in open_routes:
        app.include_router(router)
    for router in guarded_routes:
        app.include_router(router, dependencies=[Depends(may_use_api)])

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [f"{'.'.join(str(p) for p in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()[:5]]
        return JSONResponse({"error": "; ".join(faults)[:1000]}, status_code=422)

    return app
