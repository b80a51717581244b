from dataclasses import dataclass, field

from offhook.errors import RecogniserError


@dataclass
class Listener:
    """All that a stream tells."""

    interims: list[str] = field(default_factory=list)
    failures: list[RecogniserError] = field(default_factory=list)

    def interim(self, text: str) -> None:
        self.interims.append(text)

    def failed(self, error: RecogniserError) -> None:
        self.failures.append(error)
