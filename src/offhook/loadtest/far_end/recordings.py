"""Replies from a folder of WAV files."""

from pathlib import Path

from offhook.audio.formats import PCMU_8K
from offhook.audio.wav import read_wav
from offhook.loadtest.far_end.script import Reply

GREETING = "greeting"
"""A file of this name is the greeting; all others are replies, in the order of their names."""


def read_replies(folder: Path) -> tuple[Reply | None, tuple[Reply, ...]]:
    """Return greeting and replies; each one's text is what its file is called, without a leading number.

    So ``02 we are open until six.wav`` says "we are open until six". AudioError if a file is no WAV, OSError if it or
    the folder cannot be read, ValueError if no reply is in it.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".wav")
    greeting, replies = None, []
    for path in files:
        _, sound = read_wav(path, PCMU_8K)
        text = path.stem.lstrip("0123456789").strip(" -_.") or path.stem
        reply = Reply(text.replace("_", " "), sound)
        if path.stem.lower() == GREETING:
            greeting = reply
        else:
            replies.append(reply)
    if not replies:
        raise ValueError(f"no reply in {folder}: it needs at least one .wav file besides {GREETING}.wav")
    return greeting, tuple(replies)
