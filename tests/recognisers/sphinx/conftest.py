from collections.abc import AsyncIterator, Callable

import pytest
from tests.recognisers.sphinx.decoders import FakeDecoder
from tests.recognisers.sphinx.streams import Started

from offhook.recognisers.sphinx import recogniser as recognisers
from offhook.recognisers.sphinx.cabinet import AnyDecoder
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser


@pytest.fixture
async def started(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Started]:
    """Start a recogniser with decoders of one's own, which looks at its threads often."""
    monkeypatch.setattr(recognisers, "LOOK_S", 0.02)
    made: list[SphinxRecogniser] = []

    async def start(
        make: Callable[[], AnyDecoder] = FakeDecoder, *, threads: int = 2, decoders: int = 4, hang_s: float = 5.0
    ) -> SphinxRecogniser:
        recogniser = SphinxRecogniser(
            threads=threads, first_decoders=1, decoders=decoders, hang_s=hang_s, make_decoder=make
        )
        await recogniser.start()
        made.append(recogniser)
        return recogniser

    yield start
    for recogniser in made:
        await recogniser.close()
