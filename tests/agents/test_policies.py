from typing import Any

import pytest

from offhook.agents.policies import BargeIn, SilencePolicy, TurnDetection
from offhook.errors import AgentError


def test_turn_detection_begins_with_the_defaults_of_the_realtime_api() -> None:
    detection = TurnDetection()

    assert (detection.kind, detection.threshold, detection.prefix_ms, detection.silence_ms) == ("server", 0.5, 300, 500)
    assert detection.eagerness == "auto"


def test_a_caller_may_interrupt_at_once_unless_told_otherwise() -> None:
    assert BargeIn() == BargeIn(allowed=True, hold_ms=0)


def test_a_whole_number_of_seconds_is_as_good_as_a_fraction() -> None:
    assert SilencePolicy(after_s=8).after_s == 8


@pytest.mark.parametrize(
    ("policy", "values", "sentence"),
    [
        (TurnDetection, {"threshold": 1.5}, "TurnDetection: threshold should be less than or equal to 1, not 1.5"),
        (TurnDetection, {"threshold": float("nan")}, "threshold should be"),
        (TurnDetection, {"threshold": "loud"}, "TurnDetection: threshold should be a valid number, not 'loud'"),
        (TurnDetection, {"kind": "magic"}, "TurnDetection: kind should be 'server' or 'semantic', not 'magic'"),
        (TurnDetection, {"eagerness": "keen"}, "eagerness should be 'low', 'medium', 'high' or 'auto', not 'keen'"),
        (TurnDetection, {"silence_ms": 0}, "TurnDetection: silence_ms should be greater than or equal to 50, not 0"),
        (TurnDetection, {"prefix_ms": 5_001}, "prefix_ms should be less than or equal to 5000, not 5001"),
        (TurnDetection, {"prefix_ms": 0.5}, "prefix_ms should be a valid integer"),
        (BargeIn, {"hold_ms": -1}, "BargeIn: hold_ms should be greater than or equal to 0, not -1"),
        (BargeIn, {"allowed": 1}, "BargeIn: allowed should be a valid boolean, not 1"),
        (SilencePolicy, {"after_s": -1}, "SilencePolicy: after_s should be greater than or equal to 0, not -1"),
        (SilencePolicy, {"checks": -1}, "SilencePolicy: checks should be greater than or equal to 0, not -1"),
        (SilencePolicy, {"checks": True}, "SilencePolicy: checks should be a valid integer, not True"),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(policy: type[Any], values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        policy(**values)

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
