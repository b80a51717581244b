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
    def direction(self) -> str:
        """``inbound``: somebody called us, from ``caller``. ``outbound``: we called ``dialled``."""

    @property
    def caller(self) -> str:
        """Who calls, in the carrier's words: an E.164 number, a ``sip:`` address, ``anonymous`` or the like."""

    @property
    def dialled(self) -> str:
        """What was dialled: an E.164 number or a ``sip:`` address."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """Facts that came with the call: those given when it was placed, or told by the carrier when it rang."""

    async def hang_up(self) -> None:
        """End the call, after the caller has heard what the agent has said so far.

        Returns when the carrier has confirmed it, or is about to ask us. Raises CallRefused if the caller goes on
        speaking meanwhile: then the call goes on.
        """

    async def transfer(self, to: str) -> None:
        """Connect the caller to ``to``, an E.164 number or a ``sip:user@host`` address; the agent leaves the call.

        Returns when the carrier has been told. Raises CallRefused if the destination is not allowed.
        """

    def tell(self, text: str) -> None:
        """Put a note before the model, such as "the payment has arrived". It does not wait, and says nothing itself."""
