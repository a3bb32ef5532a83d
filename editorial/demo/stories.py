"""What happened to each sample article, so that every state can be seen; days are counted back from today."""

from datetime import date
from typing import Any

from articles.models import EvidenceEvent
from editorial import publishing, workflow
from editorial.demo.steps import Stage, Steps, ago, heard, of, opened, proof, remark, signed
from reviews import reviewing


def all_stories(stage: Stage) -> dict[str, Steps[Any]]:
    """Every story under a line that says what state it leads to."""
    return {
        "sciatica: version 2 is public, version 1 is in its history": sciatica(stage),
        "hypertension: public": hypertension(stage),
        "migraine: public, and version 2 waits for the editor's decision": migraine(stage),
        "statins: public, its review is overdue, a reviewer is invited": statins(stage),
        "sore throat: public, reaffirmed after a re-review": sore_throat(stage),
        "MMR vaccine: public, a notice about a retracted work": mmr(stage),
        "vitamin D: public, one of its references was corrected": vitamin_d(stage),
        "glucosamine: retracted by two editors": glucosamine(stage),
        "nausea in pregnancy: changes are requested": pregnancy_nausea(stage),
        "iron deficiency: under review, one of two has signed": iron_deficiency(stage),
        "gout: submitted, waits for an editor": gout(stage),
        "fever in children: a draft that is not ready": child_fever(stage),
    }


def sciatica(stage: Stage) -> Steps[None]:
    """Published, revised a year later, and published again with a lower starting dose."""
    cast = stage.cast
    article = yield from stage.draft("sciatica", [cast.miriam], 462, first=True)
    submission = yield from stage.submit(article, cast.miriam, 455)
    yield from stage.read(submission, cast.daniel, {cast.jonas: 443, cast.grace: 440}, asked=453)
    yield from stage.publish(submission, cast.daniel, 436)
    yield from stage.revise("sciatica", article, cast.miriam, 152, "Lower dose of naproxen to begin with; how much an epidural injection helps")
    submission = yield from stage.submit(article, cast.miriam, 150)
    yield from stage.read(submission, cast.daniel, {cast.jonas: 141, cast.grace: 138}, asked=149)
    publication = yield from stage.publish(
        submission, cast.daniel, 134, "Naproxen begins with the lower dose, and the text says how small the effect of an epidural injection is."
    )
    yield from heard(publication, 5, "question", "Is it known whether swimming helps with this?")
    yield from heard(publication, 2, "report", "The link of one of the references leads to a page that is no longer there.")


def hypertension(stage: Stage) -> Steps[None]:
    """Published, and nothing is open."""
    cast = stage.cast
    article = yield from stage.draft("hypertension", [cast.miriam], 121)
    submission = yield from stage.submit(article, cast.miriam, 113)
    yield from stage.read(submission, cast.ruth, {cast.leila: 104, cast.grace: 101}, asked=112)
    yield from stage.publish(submission, cast.ruth, 97)


def migraine(stage: Stage) -> Steps[None]:
    """Published; a version with one more medicine has been read by the board and waits for the editor."""
    cast = stage.cast
    article = yield from stage.draft("migraine", [cast.miriam], 262, first=True)
    submission = yield from stage.submit(article, cast.miriam, 254)
    yield from stage.read(submission, cast.daniel, {cast.jonas: 246, cast.grace: 242}, asked=252, unnamed=[cast.grace])
    yield from stage.publish(submission, cast.daniel, 238)
    yield from stage.revise("migraine", article, cast.miriam, 25, "Candesartan added; amitriptyline begins with 10 mg")
    submission = yield from stage.submit(article, cast.miriam, 22)
    assignments = yield from stage.ask(submission, cast.daniel, [cast.jonas, cast.grace], 21)
    for assignment, user in zip(assignments, (cast.jonas, cast.grace), strict=True):
        yield from opened(assignment, user, 20, named=user is cast.jonas)
    yield from signed(assignments[0], cast.jonas, 12)
    yield from remark(
        assignments[1], cast.grace, 10, "The other text names candesartan now: name it here too, and say that it is not licensed for this.",
        quote="A low dose at night.", kind="suggestion", audience="plain",
    )  # fmt: skip
    yield from signed(assignments[1], cast.grace, 9, "minor", note="My comment need not hold it up.")


def statins(stage: Stage) -> Steps[None]:
    """Published over a year ago; its review is overdue, and the board has only now been asked to read it again."""
    cast = stage.cast
    article = yield from stage.draft("statins", [cast.miriam], 430)
    submission = yield from stage.submit(article, cast.miriam, 424)
    yield from stage.read(submission, cast.ruth, {cast.leila: 414, cast.grace: 411}, asked=422)
    publication = yield from stage.publish(submission, cast.ruth, 407)
    yield ago(6, 9, 30)
    again = workflow.open_re_review(publication, by=cast.daniel, note="Overdue: look again at the aims for LDL cholesterol.")
    yield from stage.ask(again, cast.daniel, [cast.leila], 3)


def sore_throat(stage: Stage) -> Steps[None]:
    """Published over a year ago, read again in time, and reaffirmed: the same words, new dates."""
    cast = stage.cast
    article = yield from stage.draft("sore-throat", [cast.tomasz], 424)
    submission = yield from stage.submit(article, cast.tomasz, 418)
    yield from stage.read(submission, cast.daniel, {cast.grace: 408, cast.jonas: 406}, asked=416, unnamed=[cast.jonas])
    publication = yield from stage.publish(submission, cast.daniel, 402)
    yield ago(66, 9, 15)
    again = workflow.open_re_review(publication, by=cast.daniel)
    yield from stage.read(again, cast.daniel, {cast.grace: 52, cast.jonas: 48}, asked=64, unnamed=[cast.jonas])
    yield ago(44, 16, 10)
    workflow.reaffirm(
        again, by=cast.daniel, signing=proof(cast.daniel), digest=again.version.digest, note="The guideline has not changed in what we cite."
    )


def mmr(stage: Stage) -> Steps[None]:
    """A notice about a work that its journal retracted, which it cites as retracted."""
    cast = stage.cast
    reason = "The Lancet fully retracted the paper: statements about how children were referred and about ethics approval were false."
    yield from happened(stage, "wakefield1998", 232, EvidenceEvent.Kind.RETRACTION, date(2010, 2, 2), stage.works["lancet2010"].doi, reason)
    article = yield from stage.draft("mmr-retraction", [cast.tomasz], 228)
    submission = yield from stage.submit(article, cast.tomasz, 222)
    yield from stage.ask(submission, cast.ruth, [cast.grace, cast.jonas], 221)
    for user in (cast.grace, cast.jonas):
        yield from opened(of(submission, user), user, 219)
    for user, day in ((cast.grace, 213), (cast.jonas, 210)):
        yield from signed(of(submission, user), user, day, answers={"wakefield1998": "retracted"})
    yield from stage.publish(submission, cast.ruth, 206)


def vitamin_d(stage: Stage) -> Steps[None]:
    """Published; one of the works it cites was corrected by its journal, which its entry says."""
    cast = stage.cast
    yield from happened(stage, "demay2024", 181, EvidenceEvent.Kind.CORRECTION, date(2025, 2, 18), "10.1210/clinem/dgae854")
    article = yield from stage.draft("vitamin-d", [cast.tomasz, cast.miriam], 179)
    submission = yield from stage.submit(article, cast.tomasz, 172)
    yield from stage.read(submission, cast.ruth, {cast.grace: 162}, asked=171)
    yield from stage.publish(submission, cast.ruth, 158)


def happened(stage: Stage, key: str, days: float, kind: str, on: date, notice: str, reason: str = "") -> Steps[None]:
    """What became of a cited work is entered, before any page cites it."""
    yield ago(days, 8, 50)
    EvidenceEvent.objects.create(
        reference=stage.works[key], kind=kind, happened_on=on, notice_doi=notice, reason=reason, reported_by="publisher"
    )


def glucosamine(stage: Stage) -> Steps[None]:
    """Published, then retracted by two editors for an interest its author had not declared; the author's account is closed."""
    cast = stage.cast
    article = yield from stage.draft("glucosamine", [cast.robin], 330)
    submission = yield from stage.submit(article, cast.robin, 322)
    yield from stage.read(submission, cast.daniel, {cast.grace: 312, cast.jonas: 309}, asked=320)
    publication = yield from stage.publish(submission, cast.daniel, 305)
    yield ago(43, 11, 0)
    notice = (
        "The editors retract this article. Its author was paid by a seller of supplements while writing it and had declared no interests. "
        "The statements were checked against the works cited and no error was found in them, but readers were not told what they "
        "had a right to know. The author did not answer our letters."
    )
    publishing.propose_retraction(publication, by=cast.daniel, signing=proof(cast.daniel), notice=notice, reason="interests", authors_say="silent")
    yield ago(42, 9, 40)
    publishing.confirm_retraction(publication, by=cast.ruth, signing=proof(cast.ruth))
    cast.robin.is_active = False
    cast.robin.save(update_fields=["is_active"])


def pregnancy_nausea(stage: Stage) -> Steps[None]:
    """Sent back by the editor: one comment is answered, two wait for the authors."""
    cast = stage.cast
    article = yield from stage.draft("pregnancy-nausea", [cast.miriam, cast.tomasz], 40)
    submission = yield from stage.submit(article, cast.miriam, 33)
    first, second = yield from stage.ask(submission, cast.ruth, [cast.grace, cast.jonas], 32)
    yield from opened(first, cast.grace, 31)
    yield from opened(second, cast.jonas, 30, named=False)
    yield from remark(
        first, cast.grace, 24, "Say for how long: metoclopramide is given for five days at most at a time, because of movement disorders.",
        quote="10 mg every eight hours", kind="must_fix",
    )  # fmt: skip
    asked = yield from remark(
        first, cast.grace, 24, "Which of the trials was this in, and for how many weeks?", quote="Ginger may ease mild nausea", kind="question"
    )
    yield from signed(first, cast.grace, 23, "changes", answers={"koren2010": "cannot_judge"}, note="Fit to publish once the dose table is complete.")
    yield from remark(
        second, cast.jonas, 20, "Name the warning signs of low thiamine: confusion, unsteady gait, eye movements.",
        quote="intravenous fluid with potassium, thiamine", kind="suggestion",
    )  # fmt: skip
    yield from signed(second, cast.jonas, 19, "minor")
    yield ago(17, 10, 30)
    workflow.request_changes(submission, by=cast.ruth, note="Please complete the dose table and answer the three comments; the rest stands.")
    yield ago(5, 21, 0)
    reviewing.answer_comment(asked, by=cast.miriam, answer="The review pools several small trials of up to three weeks; the next version will say so.")


def iron_deficiency(stage: Stage) -> Steps[None]:
    """Under review: one reviewer has signed, the other has opened the text and has a note that is not sent yet."""
    cast = stage.cast
    article = yield from stage.draft("iron-deficiency", [cast.miriam], 24)
    submission = yield from stage.submit(article, cast.miriam, 16)
    first, second = yield from stage.ask(submission, cast.daniel, [cast.grace, cast.leila], 15)
    yield from opened(first, cast.grace, 14)
    yield from opened(second, cast.leila, 13)
    yield from remark(
        first, cast.grace, 8, "Add that tea and coffee within an hour lower the uptake.", quote="One tablet a day is enough.",
        kind="suggestion", audience="plain",
    )  # fmt: skip
    yield from signed(first, cast.grace, 7)
    yield from remark(
        second, cast.leila, 2, "In heart failure the threshold for ferritin is higher; say that it is not covered here.",
        quote="Ferritin rises with inflammation", kind="suggestion",
    )  # fmt: skip


def gout(stage: Stage) -> Steps[None]:
    """Submitted: an editor has to choose reviewers, one of whom has a tie with the author."""
    cast = stage.cast
    article = yield from stage.draft("gout", [cast.tomasz], 11)
    yield from stage.submit(article, cast.tomasz, 2)


def child_fever(stage: Stage) -> Steps[None]:
    """A draft: a citation without a reference, no interests, nothing said of funding, no plain text."""
    yield from stage.draft("child-fever", [stage.cast.miriam], 4, declared=False)
