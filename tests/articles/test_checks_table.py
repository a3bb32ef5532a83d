"""Every check has a draft that it finds fault with and one that it does not: a check without both fails the build."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.forms import modelform_factory

from articles import checks, rendering
from articles.checks import CHECKS, Draft, Standing
from articles.checks.base import run
from articles.evidence import Lists
from articles.models import Article, ArticleType, Authorship, CheckSeverity, Citation, Reference
from records.models import Person

TODAY = date(2026, 5, 11)
SOUND = {"form": "article", "title": "A trial of walking for a trapped nerve", "authors": "Doe, Jane", "source": "J Trials", "year": 2024, "doi": "10.1000/x"}
LONG = "The implementation of pharmacological interventions necessitates multidisciplinary consideration of comorbidities. " * 20
HARD = "Your doctor may offer you a small operation if the pain in your leg lasts for several months and nothing else has helped. " * 20
EASY = "Walk a little each day. It will help your leg. Rest when it hurts. Then walk once more. " * 8


def work(**fields):
    """A cited work, with what happened to it last."""
    event, superseded, failed = fields.pop("event", None), fields.pop("superseded", False), fields.pop("failed", None)
    made = Reference(**{**SOUND, **fields})
    made.latest_event, made.is_superseded, made.look_up_failed_at = event, superseded, failed
    return made


def draft(plain="", professional="", works=None, *, kind="treatment", title="How is a trapped nerve treated?", language="en", people=None,
          lists=None, retracted=(), **fields):  # fmt: skip
    """A draft that was never saved; every key of `works` is cited, unless a text is given that cites what it will."""
    works = works or {}
    article = Article(title=title, language=language, article_type=ArticleType(key=kind, is_notice=kind == "notice"), **{"funding": "None", "sponsor": "None", **fields})
    article._prefetched_objects_cache = {"authorships": [Authorship(person=Person(name="Ann Author"), interests="None declared")] if people is None else people}
    if works and not plain and not professional:
        plain = "".join(f"It is so.[@{key}]\n\n" for key in works)
    made = Draft(article, lists=lists or Lists(TODAY), standing=Standing(), today=TODAY)
    made.sources = {audience: text for audience, text in (("professional", professional), ("plain", plain)) if text}
    for number, (key, each) in enumerate(works.items(), 1):
        each.pk = each.pk or number
        made.references[each.pk] = each
        made.citations[key] = Citation(key=key, reference=each, cited_as_retracted=key in retracted, retracted_reason="Told." if key in retracted else "")
    for audience, text in made.sources.items():
        try:
            made.rendered[audience] = rendering.render(text, known=made.citations)
        except ValueError as error:
            made.errors[audience] = str(error)
    return made


def one(**fields):
    """A draft that cites one work."""
    return draft(works={"a": work(**fields)})


FLAG = "::: red-flag Call an ambulance\nYour face droops.\n:::\n\n"

# check: (a draft in which it finds nothing, a draft in which it finds something)
TABLE = {
    "text.missing": (lambda: draft("Words."), lambda: draft()),
    "text.unreadable": (lambda: draft("Words."), lambda: draft("x" * 300_001)),
    "text.one_audience": (lambda: draft("Words.", "Words."), lambda: draft("Words.")),
    "text.dropped": (lambda: draft("No picture."), lambda: draft("![a picture](x.png)")),
    "text.heading_order": (lambda: draft("# One\n\n## Two\n\n### Three\n\n# Four\n"), lambda: draft("## One\n\n#### Two\n")),
    "text.link": (lambda: draft("[here](https://www.nhs.uk/x)"), lambda: draft("[here](http://www.nhs.uk/x)")),
    "text.abbreviation": (
        lambda: draft("You may have deep vein thrombosis (DVT). DVT is a clot. An MRI shows it."),
        lambda: draft("You may have DVT. DVT is a clot."),
    ),
    "text.relative_percentage": (
        lambda: draft("Statins lower the risk of death by 33%, from 12 to 8 in 100 people.[@a]", works={"a": work()}),
        lambda: draft("Statins lower the risk of death by 33%.[@a]", works={"a": work()}),
    ),
    "text.red_flags": (lambda: draft(f"{FLAG}A stroke is a clot.", title="What is a stroke?"), lambda: draft("A stroke is a clot.", title="What is a stroke?")),
    "plain.passive_dose": (
        lambda: draft("Take naproxen 250 mg twice a day.[@a]", works={"a": work()}),
        lambda: draft("Naproxen 250 mg is taken twice a day.[@a]", works={"a": work()}),
    ),
    "plain.grade": (lambda: draft(EASY), lambda: draft(HARD)),
    "plain.grade_high": (lambda: draft(EASY), lambda: draft(LONG)),
    "citation.unresolved": (one, lambda: draft("So it is.[@nobody]")),
    "reference.uncited": (one, lambda: draft("It is so.[@a]", works={"a": work(), "b": work(doi="10.1000/y", title="Another")})),
    "reference.link": (lambda: one(url="https://www.who.int/x"), lambda: one(url="http://www.who.int/x")),
    "reference.incomplete": (one, lambda: one(source="")),
    "reference.year": (lambda: one(year=TODAY.year + 1), lambda: one(year=TODAY.year + 2)),
    "reference.unidentified": (one, lambda: one(doi="")),
    "reference.duplicate": (
        lambda: draft(works={"a": work(), "b": work(doi="10.1000/y")}),
        lambda: draft(works={"a": work(), "b": work(doi="", url="https://www.who.int/x")}),
    ),
    "claim.dose": (lambda: draft("Take naproxen 250 mg twice a day.[@a]", works={"a": work()}), lambda: draft("Take naproxen 250 mg twice a day.")),
    "claim.treatment": (
        lambda: draft("Naproxen relieves the pain of most people.[@a]", works={"a": work()}),
        lambda: draft("Naproxen relieves the pain of most people."),
    ),
    "claim.comparison": (
        lambda: draft("Women have it more often than men.[@a]", works={"a": work()}),
        lambda: draft("Women have it more often than men."),
    ),
    "claim.number": (lambda: draft("It comes back in 20% of people.[@a]", works={"a": work()}), lambda: draft("It comes back in 20% of people.")),
    "grade.wording": (
        lambda: draft("We recommend walking. [grade GRADE: moderate, strong for]"), lambda: draft("We recommend walking. [grade GRADE: moderate, weak for]"),
    ),
    "grade.unjustified": (
        lambda: draft("We recommend walking, because rest is dangerous. [grade GRADE: very low, strong for]"),
        lambda: draft("We recommend walking. [grade GRADE: very low, strong for]"),
    ),
    "evidence.retracted": (lambda: draft(works={"a": work(event="retraction")}, retracted={"a"}), lambda: one(event="retraction")),
    "evidence.cited_as_retracted": (one, lambda: draft(works={"a": work(event="withdrawal")}, retracted={"a"})),
    "evidence.concern": (lambda: one(event="reinstatement"), lambda: one(event="concern")),
    "evidence.corrected": (one, lambda: one(event="correction")),
    "evidence.delisted": (one, lambda: one(event="delisted")),
    "evidence.superseded": (one, lambda: one(superseded=True)),
    "evidence.old_guideline": (lambda: one(kind="guideline", year=TODAY.year - 5), lambda: one(kind="guideline", year=TODAY.year - 6)),
    "evidence.unscreened": (one, lambda: one(doi="", url="https://www.who.int/x")),
    "evidence.check_failed": (one, lambda: one(failed=datetime(2026, 5, 9, tzinfo=UTC))),
    "evidence.stale": (
        lambda: draft(works={"a": work()}, lists=Lists(TODAY - timedelta(days=7))),
        lambda: draft(works={"a": work()}, lists=Lists(TODAY - timedelta(days=8))),
    ),
    "people.no_author": (lambda: draft("Words."), lambda: draft("Words.", people=[])),
    "people.interests": (lambda: draft("Words."), lambda: draft("Words.", people=[Authorship(person=Person(name="Ann Author"), interests=" ")])),
    "people.funding": (lambda: draft("Words."), lambda: draft("Words.", funding=" ")),
    "people.sponsor": (lambda: draft("Words."), lambda: draft("Words.", sponsor="")),
}


def found(made):
    """The names of what is found."""
    return {finding.check for finding in run(made, Standing())}


def test_every_check_has_an_example_of_both_kinds():
    assert set(TABLE) == set(CHECKS)


@pytest.mark.parametrize("check", TABLE)
def test_a_check_finds_what_it_is_there_for_and_nothing_where_that_is_not(check):
    passing, failing = TABLE[check]
    assert check not in found(passing())
    assert check in found(failing())


def test_every_check_says_its_rule_and_is_of_a_severity_that_there_is():
    for each in CHECKS.values():
        assert each.title.endswith(".")
        assert {each.level, *each.levels.values()} <= {checks.MUST_FIX, checks.LOOK_AT, checks.OFF}


def test_two_checks_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two checks"):
        checks.check("text.missing")(lambda draft: iter(()))


# ---- Where claims need a source

SAYS = "Naproxen relieves the pain of most people."
STANDS_BY = {
    "in the passage": (f"{SAYS} It is cheap.[@a]", True),
    "in the paragraph that leads up to a list": (f"These help.[@a]\n\n- {SAYS}\n", True),
    "in another item of the list": (f"These help.\n\n- {SAYS}\n- Rest.[@a]\n", False),
    "in another row of the table": (f"| a | b |\n|---|---|\n| {SAYS} | x |\n| y | z[@a] |\n", True),
    "in the line below the table": (f"| a | b |\n|---|---|\n| {SAYS} | x |\n\nAfter the guideline.[@a]\n", True),
    "in the call-out": (f"::: caveat\n{SAYS}\n\nSo it is.[@a]\n:::\n", True),
    "in the paragraph before": (f"So it is.[@a]\n\n{SAYS}\n", False),
}


@pytest.mark.parametrize("where", STANDS_BY)
def test_a_citation_stands_by_a_claim(where):
    text, stands = STANDS_BY[where]
    assert ("claim.treatment" not in found(draft(text, works={"a": work()}))) == stands


@pytest.mark.parametrize(
    "words",
    [
        "Which drugs help?", "Ask your doctor whether a medicine would help you.", "Clinical trials are done to find out if new treatments are effective.",
        "For more information about treatment, visit this website.", "Your treatment options", "An ultrasound shows the nerve.", "Chemotherapy refers to the use of drugs.",
        "Researchers are studying whether vaccines prevent it.", "Walk a little every day.",
    ],
)  # fmt: skip
def test_what_claims_nothing_needs_no_source(words):
    assert not {each for each in found(draft(words)) if each.startswith("claim.")}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("dose", "Adults take one tablet of ibuprofen three times a day."), ("dose", "Give 15 mg/kg of paracetamol every six hours."),
        ("treatment", "Surgery may be needed."), ("treatment", "The infection is treated with antibiotics."), ("treatment", "There is no cure."),
        ("comparison", "It is as common as asthma."), ("number", "About one in ten people get it again."), ("number", "Half of all patients recover."),
    ],
)  # fmt: skip
def test_what_claims_something_is_found_under_its_name(kind, words):
    assert f"claim.{kind}" in found(draft(words))


@pytest.mark.parametrize("words", ["Walk for more than 20 minutes.", "It lasts longer than two weeks.", "It hurts more than usual."])
def test_a_limit_is_no_comparison(words):
    assert "claim.comparison" not in found(draft(words))


def test_claims_are_told_in_english_texts_alone():
    assert not {each for each in found(draft(SAYS, language="de")) if each.startswith(("claim.", "plain."))}


def test_a_claim_blocks_in_treatment_articles_and_warns_elsewhere():
    levels = {kind: next(each.severity for each in run(draft(SAYS, kind=kind), Standing()) if each.check == "claim.treatment") for kind in ("treatment", "general", "my-own")}
    assert levels == {"treatment": "must_fix", "general": "look_at", "my-own": "look_at"}
    assert "claim.treatment" not in found(draft(SAYS, kind="notice"))


# ---- Abbreviations


@pytest.mark.parametrize(
    "words",
    [
        "The forced expiratory volume (FEV) is low. FEV falls.", "FEV (forced expiratory volume) is low.", "FEV, or forced expiratory volume, is low.",
        "FEV stands for forced expiratory volume.", "A forced expiratory volume, also called FEV, is low.", "Cancer of stage IIIB.", "The MTHFR gene is long.",
        "THIS IS A WARNING TO ALL.", "Vitamin BC is not known.",
    ],
)  # fmt: skip
def test_what_is_explained_or_no_abbreviation_is_not_told(words):
    assert "text.abbreviation" not in found(draft(words))


def test_an_abbreviation_is_told_once_where_it_is_first_used():
    (told,) = [each for each in run(draft("One.\n\nFEV falls.\n\nFEV falls more.\n"), Standing()) if each.check == "text.abbreviation"]
    assert (told.line, told.words) == (3, "FEV")


def test_professionals_know_more_of_them():
    assert "text.abbreviation" not in found(draft(professional="Measure the CRP."))
    assert "text.abbreviation" in found(draft("Your CRP is measured."))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("We recommend walking. [grade UpToDate: 2C]", "stronger"), ("We suggest walking. [grade UpToDate: 1A]", "weaker"), ("We suggest walking. [grade UpToDate: 2C]", ""),
        ("It is recommended. [grade USPSTF: B]", ""), ("It is recommended. [grade DynaMed: level 3]", ""), ("Consider it. [grade GRADE: low, conditional for]", ""),
    ],
)  # fmt: skip
def test_the_wording_is_as_strong_as_the_grade(words, says):
    told = [each.sentence for each in run(draft(words), Standing()) if each.check == "grade.wording"]
    assert bool(told) == bool(says)
    assert not says or says in told[0]


# ---- Evidence and works


def test_a_retraction_is_told_of_a_notice_and_does_not_block_it():
    assert "evidence.cited_as_retracted" in found(draft(works={"a": work(event="retraction")}, kind="notice"))
    assert "evidence.retracted" not in found(draft(works={"a": work(event="retraction")}, kind="notice"))


@pytest.mark.parametrize(
    ("lists", "says"),
    [(Lists(), "was ever loaded"), (Lists(TODAY - timedelta(days=30)), "11 April 2026"), (Lists(TODAY, TODAY), "could not be refreshed on 11 May 2026")],
)
def test_what_is_not_known_never_reads_as_fine(lists, says):
    (told,) = [each for each in run(draft(works={"a": work()}, lists=lists), Standing()) if each.check == "evidence.stale"]
    assert says in told.sentence


def test_where_no_list_can_be_asked_its_age_is_not_told():
    assert "evidence.stale" not in found(draft(works={"a": work(doi="", url="https://www.who.int/x")}, lists=Lists()))


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"form": "article", "authors": ""}, "authors or issuing body"), ({"form": "book", "publisher": "", "source": ""}, "publisher or journal, book or site"),
        ({"form": "web_page", "doi": "", "url": ""}, "address or DOI"), ({"form": "web_page", "doi": "", "url": "https://www.who.int/x"}, "day on which it was read"),
        ({"form": "thesis", "authors": ""}, "authors"), ({"year": None}, "year"),
    ],
)  # fmt: skip
def test_each_form_has_its_least(fields, lacks):
    (told,) = [each for each in run(one(**fields), Standing()) if each.check == "reference.incomplete"]
    assert lacks in told.sentence


def test_a_web_page_is_dated_by_the_day_it_was_read():
    assert "reference.incomplete" not in found(one(form="web_page", doi="", url="https://www.who.int/x", year=None, accessed_on=TODAY))


@pytest.mark.parametrize("other", [{"doi": "10.1000/y"}, {"doi": "", "volume": "2"}, {"doi": "", "year": 2019}, {"doi": "", "authors": "Roe, Jo"}, {"doi": "", "pages": "9-12"}])
def test_two_works_that_differ_are_no_duplicates(other):
    first = work(volume="1", pages="3-7")
    assert "reference.duplicate" not in found(draft(works={"a": first, "b": work(**{"volume": "1", "pages": "3-7", **other})}))


def test_one_row_under_two_keys_is_one_work():
    same = work()
    (told,) = [each for each in run(draft(works={"a": same, "b": same}), Standing()) if each.check == "reference.duplicate"]
    assert (told.key, told.sentence) == ("b", "@a and @b are the same work.")


@pytest.mark.parametrize("url", ["https://example.org/x", "https://localhost/x", "https://site.local/x", "http://www.who.int/", "https://user@site.org/"])
def test_an_address_that_leads_nowhere_is_told(url):
    assert checks.linking.fault_of(url)


@pytest.mark.parametrize("url", ["https://www.who.int/x?y=1#z", "https://doi.org/10.1000/x", "https://a.b.c.example.edu/"])
def test_a_sound_address_is_not_told(url):
    assert checks.linking.fault_of(url) == ""


def test_severities_of_the_site_come_before_the_usual_ones():
    standing = Standing({"text.one_audience": checks.MUST_FIX, "claim.treatment": checks.OFF})
    told = {each.check: each.severity for each in run(draft(SAYS), standing)}
    assert told["text.one_audience"] == checks.MUST_FIX
    assert "claim.treatment" not in told


def test_what_nobody_may_let_stand_is_never_made_lighter():
    lighter = Standing({each.id: checks.OFF for each in CHECKS.values() if not each.can_be_waived})
    missing = {each.check for each in run(draft(f"{SAYS}[@nowhere]"), Standing()) if not CHECKS[each.check].can_be_waived}
    assert missing
    assert {each.check for each in run(draft(f"{SAYS}[@nowhere]"), lighter) if not CHECKS[each.check].can_be_waived} == missing


def test_the_form_of_severities_refuses_to_make_it_lighter(db):
    from articles.admin import SeverityForm

    kind = ArticleType.objects.create(key="letter", name="Letter")
    form_class = modelform_factory(CheckSeverity, form=SeverityForm, fields=("article_type", "check_id", "level"))
    given = {"article_type": kind.pk, "level": "off"}
    refused = form_class({**given, "check_id": "people.interests"})
    assert refused.errors == {"level": ["What this check finds has to be fixed: it cannot be made lighter."]}
    assert form_class({**given, "check_id": "claim.treatment"}).is_valid()
