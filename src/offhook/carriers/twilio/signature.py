"""X-Twilio-Signature: how we know that a request is Twilio's.

HTTP: HMAC over the exact public URL and the sorted form fields (Twilio docs, "Webhooks Security"). Stream upgrades:
over the ``wss://`` URL alone. The signature holds no time, so it is no proof against replay; stream tokens are.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from twilio.request_validator import RequestValidator, get_signature_algorithm

SIGNATURE_HEADER: Final = "X-Twilio-Signature"
ALGORITHM_HEADER: Final = "X-Twilio-Webhooks-Signature-Settings"


class Signatures:
    """Checks signatures made with one auth token."""

    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)

    def signed_webhook(self, url: str, fields: Mapping[str, object], headers: Mapping[str, str]) -> bool:
        """If Twilio made this request. ``url``: as Twilio requested it; ``fields``: of a POST form, all of them."""
        return self._signed((url,), fields, headers)

    def signed_stream(self, url: str, headers: Mapping[str, str]) -> bool:
        """If Twilio asks for this upgrade. ``url``: as the TwiML named it, with wss or ws."""
        # The validator knows the default port of https alone, so wss with :443 is tried by hand. Some set-ups sign
        # with a trailing slash and some without.
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        hosts = [host, f"{host}:{443 if scheme == 'wss' else 80}"] if ":" not in host else [host]
        bare = path.rstrip("/")
        urls = [f"{scheme}://{h}{slash}{p}" for h in hosts for p in (bare, f"{bare}/")]
        return self._signed(urls, {}, headers)

    def _signed(self, urls: Iterable[str], fields: Mapping[str, object], headers: Mapping[str, str]) -> bool:
        signature = headers.get(SIGNATURE_HEADER, "")
        if not signature or not signature.isascii():
            return False
        algorithm = get_signature_algorithm(headers.get(ALGORITHM_HEADER))
        try:
            return any(self._validator.validate(url, fields, signature, algorithm) for url in urls)
        except ValueError:  # the URL is made of the request's Host, which can be anything, also no host at all
            return False
