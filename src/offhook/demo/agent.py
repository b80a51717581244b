"""What answers in the demo: the restaurant of the examples, with a quicker ear.

It also serves real calls: ``offhook serve offhook.demo.agent:agent``.
"""

from dataclasses import replace
from typing import Final

from offhook.agents.policies import TurnDetection
from offhook.examples import table_booking

SILENCE_MS: Final = 350
"""So long a pause ends the caller's turn. The default, 500, spares people who think aloud; a synthesiser does not."""

agent = replace(table_booking.agent, turn_detection=TurnDetection(silence_ms=SILENCE_MS))
