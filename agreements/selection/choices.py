"""The choices of a facet: the few to draw at first, and all of them, which can be searched and read in parts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from django.core.paginator import Page, Paginator

from agreements.search import indexed, words

MOST_DRAWN = 10
ON_A_PAGE = 100
LONGEST_SOUGHT = 200
# More words than anybody types into the box of a facet.
MOST_WORDS = 10


@dataclass(frozen=True)
class Choice:
    """One value of a facet, with the number of agreements that have it under all other filters."""

    value: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0
    is_left_out: bool = False

    @property
    def is_used(self) -> bool:
        return self.is_chosen or self.is_left_out


class Choices(Sequence[Choice]):
    """The choices of a facet in the order in which it lists them."""

    def __init__(
        self, choices: Sequence[Choice], *, names: Callable[[str], str] = lambda _value: ""
    ) -> None:
        """`names` returns the other names of a value in all spellings, as the search folds them."""
        self._choices = choices
        self._names = names

    def __len__(self) -> int:
        return len(self._choices)

    def __getitem__(self, places: Any) -> Any:
        return self._choices[places]

    def __iter__(self) -> Iterator[Choice]:
        return iter(self[0 : len(self)])

    @property
    def drawn(self) -> Sequence[Choice]:
        """At most ten, in order: those used, however many they are, then the most frequent.

        A branch is used with whatever it is under; what is under a frequent one is never more frequent.
        """
        if len(self) <= MOST_DRAWN:
            return list(self)
        used = self._places_used()
        ranked = sorted(range(len(self)), key=self._rank_of_place)
        most = [place for place in ranked if place not in used][: max(0, MOST_DRAWN - len(used))]
        return [self[place] for place in sorted([*used, *most])]

    def _rank_of_place(self, place: int) -> int:
        return -self[place].count

    def _places_used(self) -> set[int]:
        found: set[int] = set()
        above: dict[int, int] = {}
        for place, choice in enumerate(self):
            above[choice.depth] = place
            if choice.is_used:
                found.update(above.get(depth, place) for depth in range(choice.depth + 1))
        return found

    @property
    def used(self) -> Sequence[Choice]:
        """Those that are chosen or left out."""
        return [replace(choice, depth=0) for choice in self if choice.is_used]

    def found(self, text: str) -> "Choices":
        """Return those with a name that contains every word of a text, in any spelling; none if it has no words."""
        wanted = [word.keys for word in words(text)][:MOST_WORDS]
        return Choices(
            [
                replace(choice, depth=0)
                for choice in self
                if wanted
                and _has_all(f"{_folded(choice.label)} {self._names(choice.value)}", wanted)
            ]
        )


class InOrder(Choices):
    """Choices of which the first are drawn, however frequent the others are."""

    def _rank_of_place(self, place: int) -> int:
        return place


def _has_all(names: str, wanted: Sequence[tuple[str, ...]]) -> bool:
    return all(any(key in names for key in keys) for keys in wanted)


@lru_cache(maxsize=10_000)
def _folded(label: str) -> str:
    return indexed(label)


def words_typed(text: str) -> list[str]:
    """Return the words of a text as they are typed, each once."""
    return list(dict.fromkeys(text[word.start : word.end] for word in words(text)))[:MOST_WORDS]


@dataclass(frozen=True)
class Found:
    """The choices of a facet with a name that contains `text`, all if it is empty: one page of them.

    `elsewhere` are the used ones that are not on it, so that a form keeps them.
    """

    choices: Choices
    text: str = ""
    number: int = 1

    @cached_property
    def page(self) -> Page:
        found = self.choices.found(self.text) if self.text.strip() else self.choices
        return Paginator(found, ON_A_PAGE).get_page(self.number)

    @cached_property
    def shown(self) -> Sequence[Choice]:
        return list(self.page.object_list)

    @cached_property
    def elsewhere(self) -> Sequence[Choice]:
        here = {choice.value for choice in self.shown}
        return [choice for choice in self.choices.used if choice.value not in here]

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def beyond(self) -> int:
        """How many are found that this page does not show."""
        return self.count - len(self.shown)
