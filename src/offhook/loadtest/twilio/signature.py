"""Twilio's request signature (Twilio docs: "Validating requests are coming from Twilio").

Written out here rather than taken from the ``twilio`` package: what the gateway checks with that package is then
signed by a second hand.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1

HEADER = "X-Twilio-Signature"


def sign(auth_token: str, url: str, form: Mapping[str, str] | None = None) -> str:
    """Base64 of HMAC-SHA1 over the exact URL and, for a POST, each field's name and value in order of the names."""
    text = url + "".join(name + value for name, value in sorted((form or {}).items()))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), sha1)).decode()
