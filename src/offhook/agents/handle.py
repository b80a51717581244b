"""The call, as a tool or a handler that a user wrote sees it."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable


@runtime_checkable
class CallHandle(Protocol):
    """One running call. A tool asks for it by annotating a parameter with this class.

    It stays valid when the connections below it are replaced. After the call has ended, the methods do nothing.
    """

    @property
    def call_id(self) -> str:
        """The gateway's id of this call."""

    @property
    def caller(self) -> str:
        """Who calls: an E.164 number, a ``sip:`` address, or ``""`` when withheld."""

    @property
    def dialled(self) -> str:
        """What was dialled: an E.164 number, a ``sip:`` address, or ``""`` for a call without one."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """Facts that came with the call: those given when it was placed, or by the carrier."""

    async def hang_up(self) -> None:
        """End the call, after the caller has heard what the agent has said so far.

        Raises CarrierError if the carrier does not confirm it.
        """

    async def transfer(self, to: str) -> None:
        """Connect the caller to ``to``, an E.164 number or a ``sip:user@host`` address; the agent leaves the call.

        Raises CarrierError if the carrier does not confirm it, and CallRefused if the destination is not allowed.
        """

    def tell(self, text: str) -> None:
        """Put a note before the model, such as "the payment has arrived". It does not wait, and says nothing itself."""
