"""The words by which a reply is understood. The catalogues fill them in, so that the rules know no language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Keywords:
    """All words are as `flat` makes them: lower case, single spaces, ASCII punctuation."""

    carrier_stop_words: frozenset[str]  # acted on and confirmed by the carrier itself
    stop_words: frozenset[str]  # the carrier's and ours: honoured as a whole message
    opt_in_words: frozenset[str]
    help_words: frozenset[str]
    unsubscribe_phrases: tuple[str, ...]  # honoured wherever they stand in a text
    unsubscribe_clauses: frozenset[str]  # honoured between punctuation, or alone
    particles: str  # characters that may end a clause and change nothing
    labels: Mapping[str, Mapping[str, int]]  # question key -> the words of an answer -> its value
    numbers: Mapping[str, int]
    units: tuple[str, ...]  # after a number: still a rating (stars, 分)
    counters: tuple[str, ...]  # after a number: no rating, something was counted (minutes, 分钟)
    connectives: tuple[str, ...]  # between two numbers: neither is the rating (4 or 5, 4到5)
    out_of: tuple[str, ...]  # between a rating and the best there is: 4 out of 5
    decimal_comma: bool  # "4,5" may be one number
    lead_ins: tuple[str, ...]
    corrections: tuple[str, ...]
    courtesies: tuple[str, ...]
    declines: frozenset[str]  # as a whole: no answer, though part of it would be one (no thanks)
    praise: tuple[str, ...]
    fury: tuple[str, ...]
    negations: tuple[str, ...]

    def carrier_replied_to(self, text: str) -> bool:
        """Whether `text` is a stop word that the carrier catches (one word, alone) and replies to itself."""
        return text.strip().casefold() in self.carrier_stop_words
