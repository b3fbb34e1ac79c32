"""How much a benchmark does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`rounds` of about `seconds` each for every variant. `quick`: only to see that it runs, the figures mean
    nothing. `answers`: on how many of them results are measured, each size in turn with the others."""

    rounds: int = 5
    quick: bool = False
    answers: tuple[int, ...] = (100_000,)

    @property
    def seconds(self) -> float:
        return 0.3 if self.quick else 5.0

    def of(self, full: int, quick: int) -> int:
        """A count: `full`, or `quick` where nothing is measured in earnest."""
        return quick if self.quick else full
