"""What of a run a proof tells: the statement that a program makes about a graph."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ArgmaxIs:
    """The greatest value of the only output has flat position ``winner``, the first of equals."""

    winner: int


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Every value of the only output is at least ``threshold``."""

    threshold: int


Shown = Literal["public", "hidden"]


@dataclass(frozen=True, slots=True)
class CorrectAtLeast:
    """In at least ``least`` passes the greatest value of the only output, the first of equals, is at the label's place.

    An output of one integer is taken for the place itself. The labels are committed with the inputs.
    """

    least: int


@dataclass(frozen=True, slots=True)
class Visibility:
    """What of a run is told. ``committed`` inputs are an oracle of their own, between weights and witness."""

    inputs: Shown | Literal["committed"] = "public"
    outputs: Shown | ArgmaxIs | AtLeast | CorrectAtLeast = "public"
