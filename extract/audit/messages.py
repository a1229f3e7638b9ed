"""Findings in words, in Chinese or in English; the sentences stand in patterns/lexicon/audit_messages.csv."""

from __future__ import annotations

from typing import Final

from extract.audit.draft import Draft
from extract.audit.words import LANGUAGES
from extract.patterns import PatternError

SEVERITIES: Final = ("error", "warning", "info")


_NAMES: Final = frozenset(("name", "part", "base"))
_QUOTES: Final = str.maketrans("“”", "‘’")


class Messages:
    """The sentences of one language. Raises `PatternError` for a language or a row that is missing."""

    def __init__(self, rows: dict[str, dict[str, str]], language: str) -> None:
        if language not in LANGUAGES:
            raise PatternError(f"no messages in language {language!r}; one of {', '.join(LANGUAGES)}")
        self._rows = rows
        self._language = language

    def of(self, draft: Draft) -> str:
        """The message of a finding."""
        values = dict(draft.values)
        hint = values.pop("hint", "")
        for name in _NAMES & values.keys():  # a name stands in quotes, so its own become single ones
            values[name] = values[name].translate(_QUOTES)
        values.setdefault("name", "")
        text = self._sentence(draft.words).format(**values)
        return f"{text}{self._sentence(hint)}" if hint else text

    def _sentence(self, key: str) -> str:
        try:
            return self._rows[key][self._language]
        except KeyError:
            raise PatternError(f"lexicon/audit_messages.csv: no row {key} with a column {self._language}") from None
