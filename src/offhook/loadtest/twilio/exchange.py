"""What all lines of one stand-in share."""

import ssl
from dataclasses import dataclass, field

from offhook.loadtest.twilio.address import AddressBook
from offhook.loadtest.twilio.behaviour import Behaviour
from offhook.loadtest.twilio.clock import Clock
from offhook.loadtest.twilio.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Exchange:
    """One telephone exchange: an account, its way to the gateway, and its clock."""

    account_sid: str
    auth_token: str
    webhooks: Webhooks
    addresses: AddressBook
    behaviour: Behaviour
    ssl_context: ssl.SSLContext | None = None
    clock: Clock = field(default_factory=Clock)
