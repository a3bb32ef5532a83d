"""The measure of growth itself: what grows in proportion passes on a busy machine too, and a square law never does."""

import random
from itertools import count

import pytest

from tests import growth

SIZES = (1, 2, 4)


def timed(monkeypatch, law, slowed):
    """Readings by a law, each slowed by what else the machine does at that moment: the how-manieth reading it is decides."""
    moments = count()
    monkeypatch.setattr(growth, "seconds", lambda work, size: law(size) * slowed(next(moments)))
    return growth.growth(lambda size: None, SIZES)[0]


def quiet(moment):
    return 1.0


def busy(moment):
    """Up to half as long again, at random."""
    return 1 + random.Random(moment).random() / 2


def lucky(moment):
    """Slow throughout, but for the first and shortest piece of work, which finds a quiet moment."""
    return 1.6 if moment else 1.0


@pytest.mark.parametrize("slowed", [quiet, busy, lucky])
def test_what_grows_in_proportion_passes(monkeypatch, slowed):
    assert timed(monkeypatch, lambda size: 0.01 * size, slowed) <= growth.RATIO


@pytest.mark.parametrize("slowed", [quiet, busy, lucky])
def test_a_square_law_is_told(monkeypatch, slowed):
    assert timed(monkeypatch, lambda size: 0.01 * size**2, slowed) > growth.RATIO
