"""Twilio's REST API as the ``Carrier`` of calls.

The ``twilio`` package makes the requests and reads the answers; they travel over one httpx client, so that the address
can be set and nothing blocks the loop.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import httpx
import stamina
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.rest import Client

from offhook.calls.carrier import Dial
from offhook.carriers.twilio.addresses import Addresses
from offhook.errors import CarrierError

WITHIN_S: Final = 5.0
ENDED_ALREADY: Final = 20404
TRIES: Final = 3

ResultT = TypeVar("ResultT")


class TwilioCarrier:
    """Acts on calls of one account. Close it when done."""

    controls_calls = True

    def __init__(self, account_sid: str, auth_token: str, *, api_url: str, addresses: Addresses | None) -> None:
        self._addresses = addresses
        self._transport = _Transport(api_url)
        self._client = Client(account_sid, auth_token, http_client=self._transport)

    @property
    def dial_obstacle(self) -> str | None:
        """Twilio has to be told where to ask what to do with the call."""
        return None if self._addresses is not None else "outbound calls need OFFHOOK_PUBLIC_URL"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def dial(self, dial: Dial) -> str:
        """Place a call. It is not tried twice: nobody can say that the first try rang nobody."""
        addresses = self._public()
        created = await self._ask(
            lambda: self._client.calls.create_async(
                to=dial.to,
                from_=dial.caller_id,
                url=addresses.voice(dial.call_id),
                method="POST",
                status_callback=addresses.status(dial.call_id),
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                status_callback_method="POST",
                timeout=dial.ring_s,
            )
        )
        if not isinstance(created.sid, str):
            raise CarrierError("twilio", "unreadable answer: a call without a sid", retryable=False)
        return created.sid

    async def hang_up(self, carrier_call_id: str) -> None:
        """End a call, wherever it stands."""
        await self._update(carrier_call_id, status="completed")

    async def redirect(self, carrier_call_id: str, call_id: str) -> None:
        """Twilio leaves what it is doing with the call and asks our resume address."""
        await self._update(carrier_call_id, url=self._public().resume(call_id), method="POST")

    async def _update(self, carrier_call_id: str, **change: str) -> None:
        """Change a live call. Doing it twice does no more than once, so what may pass is tried again."""

        def update() -> Awaitable[Any]:
            call: Any = self._client.calls(carrier_call_id)
            return call.update_async(**change)  # type: ignore[no-any-return]

        async for attempt in stamina.retry_context(
            on=lambda error: isinstance(error, CarrierError) and error.retryable,
            attempts=TRIES,
            wait_initial=0.2,
            wait_max=1,
            wait_jitter=0.2,  # a caller is waiting for it
        ):
            with attempt:
                try:
                    await self._ask(update)
                except CarrierError as error:
                    if error.code != ENDED_ALREADY:
                        raise

    async def _ask(self, request: Callable[[], Awaitable[ResultT]]) -> ResultT:
        try:
            return await request()
        except TwilioException as error:
            raise _refused(error) from error
        except httpx.HTTPError as error:
            reason = f"no answer from {self._transport.api_url}: {error or type(error).__name__}"
            raise CarrierError("twilio", reason, retryable=True) from error
        except (ValueError, AttributeError, TypeError) as error:  # no JSON, or not that of a call
            raise CarrierError("twilio", f"unreadable answer: {error}", retryable=True) from error

    def _public(self) -> Addresses:
        if self._addresses is None:
            raise CarrierError("twilio", "it cannot be told where we are: set OFFHOOK_PUBLIC_URL", retryable=False)
        return self._addresses


class NoCarrier:
    """No account to act with: calls end by closing their streams, and none can be placed."""

    controls_calls = False
    dial_obstacle = "outbound calls need OFFHOOK_TWILIO_ACCOUNT_SID and OFFHOOK_TWILIO_AUTH_TOKEN"

    async def dial(self, dial: Dial) -> str:
        """Refused."""
        raise self._refusal()

    async def hang_up(self, carrier_call_id: str) -> None:
        """Refused."""
        raise self._refusal()

    async def redirect(self, carrier_call_id: str, call_id: str) -> None:
        """Refused."""
        raise self._refusal()

    async def aclose(self) -> None:
        """Nothing to close."""

    @staticmethod
    def _refusal() -> CarrierError:
        return CarrierError("twilio", "OFFHOOK_TWILIO_ACCOUNT_SID is not set", retryable=False)


class _Transport:
    """Carries the package's requests to ``api_url``; of the shape of its AsyncHttpClient."""

    is_async = True

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self._http = httpx.AsyncClient(timeout=WITHIN_S, follow_redirects=False)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        if self._http.is_closed:
            raise CarrierError("twilio", "this worker is shutting down", retryable=False)
        address = httpx.URL(self.api_url).join(httpx.URL(uri).raw_path.decode())
        answer = await self._http.request(
            method, address, params=_given(params), data=_given(data), headers=headers, auth=auth
        )
        return Response(answer.status_code, answer.text, answer.headers)


def _refused(error: TwilioException) -> CarrierError:
    """From either of the package's two kinds: newer parts of the API answer in the form of RFC 9457."""
    said = getattr(error, "msg", None) or getattr(error, "detail", None) or getattr(error, "title", None)
    status, code = _number(getattr(error, "status", None)), _number(getattr(error, "code", None))
    retryable = status is None or status == 429 or status >= 500
    return CarrierError("twilio", str(said or type(error).__name__), retryable=retryable, status=status, code=code)


def _number(value: object) -> int | None:
    return int(str(value)) if str(value).isdecimal() else None


def _given(fields: Mapping[str, object] | None) -> dict[str, Any] | None:
    return {name: value for name, value in fields.items() if value is not None} if fields else None
