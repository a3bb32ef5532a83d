"""The OpenAPI document against the site itself, by schemathesis: every address, with parameters that fit and with such that do not, through every check it has."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test

from editorial.public.api.endpoints import ENDPOINTS
from tests import builders
from tests.scale import examples

pytestmark = pytest.mark.django_db
HOW = settings(max_examples=examples(2, 300), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MODES = [HypothesisTestMode.COVERAGE, HypothesisTestMode.FUZZING]

# The client of schemathesis takes gzip and does not unpack it.
UNZIPPED = {"Accept-Encoding": "identity"}


def tried(operation, config, known):
    """The answers by status to all that schemathesis thinks of, and to what there is; what it finds wrong is raised."""
    codes = Counter()

    def ask(case):
        codes[case.call_and_validate(headers=UNZIPPED).status_code] += 1

    create_test(operation=operation, test_func=ask, config=HypothesisTestConfig(project=config.projects.default, modes=MODES, settings=HOW))()
    if "{" in operation.path:
        before = codes[200]
        ask(operation.Case(path_parameters={"slug": known["board" if "board" in operation.path else "articles"], "number": 1}))
        assert codes[200] > before
    return codes


def test_c14_the_site_keeps_to_its_openapi_document_whatever_is_asked(published, reviewer, handler, report):
    config, rows, wrong = SchemathesisConfig(), [], []
    builders.happened(published.submission.version.references.get(key="trial").reference, "retraction", notice_doi="10.1000/n")
    known = {"articles": "how-is-a-trapped-nerve-treated", "board": reviewer.person.board_member.slug}
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", handler, config=config).get_all_operations():
        operation, codes = found.ok(), Counter()
        try:
            codes = tried(operation, config, known)
        except FailureGroup as error:
            wrong.append(f"{operation.label}: {error} {error.exceptions}")
        rows.append([operation.label, codes.total(), *(codes[status] for status in (200, 404, 405, 422))])
    report("Requests made from the OpenAPI document", ["operation", "requests", "200", "404", "405", "422"], rows)
    assert "\n\n".join(wrong) == ""
    assert len(rows) == len(ENDPOINTS) - 1  # the document itself is not asked for again
