"""Gate: middleware that lets in who has the password or the token, and nobody else."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode

from rag.web.access.attempts import Attempts
from rag.web.access.entry import Entry
from rag.web.access.passwords import MAX_PASSWORD_CHARS
from rag.web.access.sessions import SECONDS, Holder, Sessions

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_MAX_FORM_BYTES: Final = 16_384
_MAX_WAITING: Final = 8  # a hash takes 64 MB and a tenth of a second: one at a time
_LOOPBACK: Final = {"127.0.0.1", "::1"}
# Which launch() asks of itself once the server is up; it tells nothing.
_STARTUP: Final = "/gradio_api/startup-events"


class Gate:
    """Lets in by ``Authorization: Bearer``, by ``?token=`` or by the cookie of who entered.

    Parameters
    ----------
    port
        Names the cookie: those of one machine are shared by all its ports.
    title
        Of the page where the password is asked.
    """

    def __init__(self, app: ASGIApp, entry: Entry, port: int, title: str) -> None:
        import anyio

        self._app = app
        self._entry = entry
        self._cookie_name = f"rag-{port}"
        self._title = title
        self._sessions = Sessions(entry)
        self._attempts = Attempts()
        self._one_hash = anyio.CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        if scope["type"] != "http" or not self._entry.is_guarded:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        address = request.client.host if request.client else ""
        if scope["path"] == _STARTUP and address in _LOOPBACK:
            await self._app(scope, receive, send)
            return
        refusal = await self._answer(request, address)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    async def _answer(self, request: Request, address: str) -> Response | None:
        """Return what the gate itself answers, or None where the request may pass."""
        from starlette.responses import RedirectResponse

        path = request.url.path
        if path == "/logout":
            response = RedirectResponse("/", 303)
            response.delete_cookie(self._cookie_name, path="/")
            return response
        if path == "/login" and request.method == "POST":
            return await self._log_in(request, address)
        holder = self._sessions.holder_of(request.cookies.get(self._cookie_name, ""))
        if holder is not None:
            if path == "/login":
                return RedirectResponse("/", 303)
            is_told = "origin" in request.headers or "sec-fetch-site" in request.headers
            if holder == "browser" and request.method not in {"GET", "HEAD"} and not is_told:
                return self._refuse(request, 403, "No se sabe de qué página viene la petición.")
            return None
        return self._by_token(request, address)

    def _by_token(self, request: Request, address: str) -> Response | None:
        from starlette.responses import RedirectResponse

        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        bearer = bearer.strip() if scheme.lower() == "bearer" else ""
        in_address = request.query_params.get("token", "") if request.method == "GET" else ""
        token = bearer or in_address
        if not token:
            return self._refuse(request, 401, "")
        wait = self._attempts.seconds_to_wait(address)
        if wait:
            return self._wait(request, wait)
        if not self._sessions.is_token(token):
            self._attempts.fail(address)
            return self._refuse(request, 401, "El token no es ese.")
        self._attempts.succeed(address)
        if bearer:
            return None
        rest = [item for item in request.query_params.multi_items() if item[0] != "token"]
        # Its own path, with one bar: «//otro.sitio» would be another machine.
        path = "/" + request.url.path.lstrip("/")
        response = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
        self._give_cookie(response, "", "browser")
        return response

    async def _log_in(self, request: Request, address: str) -> Response:
        import anyio
        from starlette.responses import JSONResponse, RedirectResponse

        wait = self._attempts.seconds_to_wait(address)
        if wait:
            return self._wait(request, wait)
        fields = await _form(request)
        if fields is None:
            return self._refuse(request, 413, "Lo enviado es demasiado largo.")
        user, password = fields.get("username", "").strip(), fields.get("password", "")
        passwords = self._entry.passwords
        if passwords is None:
            return self._refuse(request, 401, "")
        if len(password) > MAX_PASSWORD_CHARS or not user:
            self._attempts.fail(address)
            return self._refuse(request, 401, "El usuario o la clave no son esos.")
        if self._one_hash.statistics().tasks_waiting >= _MAX_WAITING:
            return self._wait(request, 2)
        # Noted before the hash is known: many at once count as many.
        self._attempts.fail(address)
        is_right = await anyio.to_thread.run_sync(
            passwords.verify, user, password, limiter=self._one_hash
        )
        if not is_right:
            return self._refuse(request, 401, "El usuario o la clave no son esos.")
        self._attempts.succeed(address)
        is_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
        response: Response
        if _wants_html(request):
            response = RedirectResponse("/", 303)
        else:
            response = JSONResponse({"success": True})
        self._give_cookie(response, user, "browser" if is_browser else "program")
        return response

    def _give_cookie(self, response: Response, user: str, holder: Holder) -> None:
        response.set_cookie(
            self._cookie_name,
            self._sessions.cookie(user, holder),
            max_age=SECONDS,
            path="/",
            httponly=True,
            samesite="strict",
        )

    def _wait(self, request: Request, seconds: int) -> Response:
        response = self._refuse(
            request, 429, f"Demasiados intentos. Espera {seconds} s y prueba otra vez."
        )
        response.headers["Retry-After"] = str(seconds)
        return response

    def _refuse(self, request: Request, status: int, why: str) -> Response:
        """Say why not, as a page with what there is to fill in, or as JSON."""
        from starlette.responses import HTMLResponse, JSONResponse

        if self._entry.passwords is not None:
            remedy = "Entra con tu usuario y tu clave."
        else:
            remedy = "Abre la dirección entera que se vio al arrancar, con su «?token=»."
        if _wants_html(request):
            form = _FORM if self._entry.passwords is not None else ""
            said = f'<p role="alert">{html.escape(why)}</p>' if why else ""
            page = _PAGE.format(title=html.escape(self._title), said=said, remedy=remedy, form=form)
            return HTMLResponse(page, status)
        response = JSONResponse({"detail": {"error": f"{why} {remedy}".strip()}}, status)
        if status == 401 and self._entry.token is not None:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


async def _form(request: Request) -> dict[str, str] | None:
    """Read what was filled in, or None where it is too long to be that."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM_BYTES:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


_FORM: Final = """<form method="post" action="/login">
<label>Usuario<input name="username" autocomplete="username" required autofocus></label>
<label>Clave<input name="password" type="password" autocomplete="current-password" required></label>
<button>Entrar</button></form>"""

_PAGE: Final = """<!doctype html><html lang="es"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 15vh auto 0;
  padding: 0 1.25rem; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; }}
label {{ display: block; margin-top: 1rem; }}
input, button {{ box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .6rem .7rem;
  font: inherit; border: 1px solid GrayText; border-radius: .4rem; }}
button {{ margin-top: 1.5rem; font-weight: 600; cursor: pointer; }}
[role=alert] {{ border-left: .25rem solid #c2410c; padding-left: .75rem; }}
</style></head><body><main><h1>{title}</h1>{said}<p>{remedy}</p>{form}</main></body></html>"""
