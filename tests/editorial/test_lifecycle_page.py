"""The page that describes the lifecycle names every act once and exactly the steps that the database allows."""

import re

from editorial.models import Publication
from reviews.models import ReviewAssignment, Submission
from tests import acts
from tests.services import ROOT

PAGE = (ROOT / "docs" / "reference" / "lifecycle.md").read_text(encoding="utf-8")


def test_every_act_is_described_once():
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == sorted(acts.every_act())


def test_the_steps_between_states_are_those_that_are_allowed():
    said = set(re.findall(r"^\| (submission|review|publication) \| ([\w ]+) \| ([\w ]+) \|$", PAGE, re.MULTILINE))
    models = {"submission": Submission, "review": ReviewAssignment, "publication": Publication}
    allowed = {(name, str(model.State(a).label), str(model.State(b).label)) for name, model in models.items() for a, b in model.PAIRS}
    assert said == allowed
