import base64

from benchmarks.peers.usual_sample import PassingThrough, Resampling

ULAW = base64.b64encode(bytes(range(160))).decode()


async def test_passing_through_changes_nothing() -> None:
    sound = PassingThrough()
    assert sound.format == {"type": "audio/pcmu"}
    assert await sound.up(ULAW) == ULAW
    assert await sound.down(ULAW) == ULAW


async def test_resampling_makes_24_khz_and_comes_back() -> None:
    sound = Resampling()
    assert sound.format["rate"] == 24000
    await sound.up(ULAW)  # the first frame is two samples short: there is nothing before it
    linear = await sound.up(ULAW)
    assert len(base64.b64decode(linear)) == 160 * 3 * 2
    assert len(base64.b64decode(await sound.down(linear))) == 160
