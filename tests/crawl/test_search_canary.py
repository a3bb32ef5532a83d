"""B2, B3: after every step of an article's life the index holds the words of what is live, and of nothing else; no search, question or list tells more."""

import pytest

from editorial.finding import answering, index, ranking
from editorial.finding.engines import engine
from editorial.models import SearchEntry, SearchSpelling
from tests.crawl import addresses
from tests.crawl.secrets import CHAPTERS, FIELDS, LIVE, Story, word, words_in
from tests.crawl.test_canary import said

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
ASKED = ("/search/?q={}", "/search/?q={}&audience=plain", "/search/?q={}&topic=nerves&page=1", "/ask/?q={}", "/a-z/", "/a-z/o/", "/search/", "/ask/", "/api/v1/search?q={}")
ADDRESS = {word("title1")}  # the address keeps the title under which the article was published first
IN_LISTS = {"funding", "sponsor", "interests"}  # these stand on the page of the article alone


def everything_in_the_index():
    """Every word that the tables of the search hold."""
    entries = SearchEntry.objects.values_list("title", "title_terms", "other_terms", "heading_terms", "body_terms", "passages", "references")
    return " ".join(str(row) for row in [*entries, *SearchSpelling.objects.values_list("key", "term")])


def test_b2_b3_the_index_holds_what_is_live_after_every_step(client, report):
    story, rows, leaks = Story(), [], []
    secrets = [word(f"{field}{number}") for field in FIELDS for number in (1, 2, 3)] + [word("nevertitle"), word("nevertext"), word("changenote")]
    for happens, step, *_ in CHAPTERS:
        step(story)
        index.learn()
        live = {word(f"{field}{LIVE[happens]}") for field in set(FIELDS) - IN_LISTS} if happens in LIVE else set()
        held = words_in(everything_in_the_index()) | set(engine().counts(secrets))
        leaks += [f"{happens}: the index holds {sorted(held - live)}"] if held - live else []
        found = {secret for secret in secrets if ranking.find(secret)[1] or answering.answer(f"What is {secret}?").found}
        leaks += [f"{happens}: a search finds {sorted(found - live)}"] if found - live else []
        for address in ASKED:
            shown = words_in(said(addresses.settled(client.get(address.format("walk")))))
            secret = shown - live - ADDRESS if live else shown
            leaks += [f"{happens}: {address} says {sorted(secret)}"] if secret else []
        rows.append([happens, len(live), len(held), len(found)])
    report("What the index holds after every step", ["what happened", "words that are live", "held", "found"], rows)
    assert leaks == []
    assert max(row[3] for row in rows) >= 4


def test_b2_an_entry_that_should_not_be_there_is_noticed():
    story = Story()
    for happens, step, *_ in CHAPTERS:
        step(story)
        if happens == "it is published":
            break
    SearchEntry.objects.update(title=word("nevertitle"))
    assert word("nevertitle") in words_in(everything_in_the_index())
