"""The bridge's ears: one for each leg and session that is put on it.

When another has taken the place of that leg or session, its ear falls deaf: what a predecessor says late must not
disturb its successor.
"""

from typing import TYPE_CHECKING

from offhook.calls.engine import EngineEvent, EngineSession
from offhook.calls.leg import LeftReason, Leg

if TYPE_CHECKING:
    from offhook.calls.bridge import Bridge


class LegEar:
    """Listens to one leg, as long as it is the one that is on."""

    __slots__ = ("_bridge", "_leg")

    def __init__(self, bridge: "Bridge", leg: Leg) -> None:
        self._bridge = bridge
        self._leg = leg

    def spoke(self, frame: bytes) -> None:
        """Sound of the caller. On the media path."""
        if self._bridge.leg is self._leg:
            self._bridge.spoke(frame)

    def heard(self, position_ms: int) -> None:
        """A mark was answered."""
        if self._bridge.leg is self._leg:
            self._bridge.marked(position_ms)

    def pressed(self, digit: str) -> None:
        """A key."""
        if self._bridge.leg is self._leg:
            self._bridge.pressed(digit)

    def filled(self) -> None:
        """It can take no more for now."""
        if self._bridge.leg is self._leg:
            self._bridge.leg_filled()

    def drained(self) -> None:
        """It can again."""
        if self._bridge.leg is self._leg:
            self._bridge.leg_drained()

    def left(self, reason: LeftReason) -> None:
        """The leg is gone."""
        if self._bridge.leg is self._leg:
            self._bridge.left(reason)


class SessionEar:
    """Listens to one engine session, as long as it is the one that is on."""

    __slots__ = ("_bridge", "_session")

    def __init__(self, bridge: "Bridge", session: EngineSession) -> None:
        self._bridge = bridge
        self._session = session

    def on_engine(self, event: EngineEvent) -> None:
        """One event. On the media path."""
        if self._bridge.session is self._session:
            self._bridge.on_engine(event)
