"""Vocabularies as files that pocketsphinx can read: a trigram model and a dictionary for each.

The library takes both from files only. They lie in a temporary folder of this process, each vocabulary once, the
MAX_VOCABULARIES that were wanted last. A decoder needs them only while it is being fitted.
"""

import threading
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from offhook.recognisers.lexicon import look_up
from offhook.recognisers.sphinx.decoder import ModelFiles
from offhook.recognisers.sphinx.library import model
from offhook.recognisers.trigrams import Trigrams
from offhook.recognisers.vocabulary import Vocabulary
from offhook.telemetry.logs import get_logger

MAX_VOCABULARIES: Final = 256
"""200 to 800 KB each, some six for an agent. Many more than there are threads, so that none is dropped between writing
and reading."""

_log = get_logger(__name__)


class Shelf:
    """From any thread. The folder goes with the object, or with ``close``."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="offhook-vocabularies-")
        self._there: OrderedDict[str, ModelFiles] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, vocabulary: Vocabulary) -> ModelFiles | None:
        """The files of a vocabulary, if it was here before."""
        with self._lock:
            files = self._there.get(vocabulary.digest)
            if files is not None:
                self._there.move_to_end(vocabulary.digest)
            return files

    def files(self, vocabulary: Vocabulary) -> ModelFiles:
        """The files of a vocabulary. The first time takes about 100 ms. OSError if they cannot be written."""
        files = self.known(vocabulary)
        if files is not None:
            return files
        files = self._write(vocabulary)  # without the lock: others must not wait for a vocabulary they know
        with self._lock:
            self._there[vocabulary.digest] = files
            while len(self._there) > MAX_VOCABULARIES:
                _, oldest = self._there.popitem(last=False)
                oldest.lm.unlink(missing_ok=True)
                oldest.dictionary.unlink(missing_ok=True)
        return files

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def _write(self, vocabulary: Vocabulary) -> ModelFiles:
        lexicon = look_up(vocabulary.words, model() / "cmudict-en-us.dict")
        if lexicon.guessed:
            guesses = {word: lexicon.pronunciations[word][0] for word in lexicon.guessed}
            _log.info("pronunciations guessed", vocabulary=vocabulary.digest[:8], guesses=guesses)
        folder = Path(self._folder.name)
        return ModelFiles(
            vocabulary.digest,
            _written(folder / f"{vocabulary.digest}.arpa", Trigrams(vocabulary.sentences()).arpa()),
            _written(folder / f"{vocabulary.digest}.dict", "\n".join(lexicon.lines()) + "\n"),
            sha256(" ".join(vocabulary.words).encode()).hexdigest(),
        )


def _written(path: Path, content: str) -> Path:
    # Under another name first: two threads may write the same vocabulary at once, and a third may read it.
    draft = path.with_name(f"{path.name}.{threading.get_ident()}")
    draft.write_text(content, encoding="ascii")
    return draft.replace(path)
