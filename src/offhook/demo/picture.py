"""Sound drawn in characters."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
SILENT: Final = "·"

QUIETEST_DBFS: Final = -48.0
LOUDEST_DBFS: Final = -14.0
"""Windows of speech at a good level reach it."""


def skyline(levels_dbfs: Sequence[float], columns: int) -> str:
    """A line of blocks as high as the loudest window that each stands for; at most ``columns`` wide."""
    columns = min(columns, len(levels_dbfs))
    edges = [round(column * len(levels_dbfs) / columns) for column in range(columns + 1)] if columns else []
    return "".join(_block(max(levels_dbfs[a:b])) for a, b in pairwise(edges))


def bar(level_dbfs: float, columns: int) -> str:
    """A bar as long as the sound is loud, filled up to ``columns``."""
    length = round(loudness(level_dbfs) * columns)
    return ("█" * length).ljust(columns)


def _block(level_dbfs: float) -> str:
    share = loudness(level_dbfs)
    return BLOCKS[min(len(BLOCKS) - 1, int(share * len(BLOCKS)))] if share > 0 else SILENT


def loudness(level_dbfs: float) -> float:
    """0 to 1, between QUIETEST_DBFS and LOUDEST_DBFS."""
    return min(1.0, max(0.0, (level_dbfs - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS)))
