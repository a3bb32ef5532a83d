"""Words of an article in another language say which it is wherever they stand among the English of the site (WCAG 3.1.2), and none of its English does."""

from html.parser import HTMLParser

import pytest

from articles.models import Topic
from editorial import publishing
from editorial.listing import foreign
from tests import builders
from tests.kept import kept

VOID = {"br", "hr", "img", "input", "link", "meta", "use"}
FIRST = "Nerven heilen von selbst.[@trial]\n\n## Was hilft\n\nNaproxen 250 mg, zweimal am Tag.[@guide]\n\nBettruhe hilft nicht.[@guide]\n"
SECOND = FIRST.replace("250 mg", "500 mg").replace("Bettruhe hilft nicht", "Ruhe hilft kaum")
SLUG = "/articles/wie-heilt-ein-nerv/"


class Spoken(HTMLParser):
    """Every piece of text on a page in English, with the language that a screen reader takes it for."""

    def __init__(self, page):
        super().__init__()
        self.stack, self.said = [], []
        self.feed('<html lang="en-GB">' + page.partition("</head>")[2])  # a title of the window has one language

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.stack.append(dict(attrs).get("lang") or (self.stack[-1] if self.stack else ""))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.stack.pop()

    def handle_data(self, words):
        if words.strip():
            self.said.append((" ".join(words.split()), self.stack[-1] if self.stack else ""))

    def of(self, part):
        """The languages of all the pieces that hold these words."""
        return {language for words, language in self.said if part in words}


@kept
def german(author, editor, reviewer, reviewer2):
    """An article in German, public in its second version, under a topic."""
    article = builders.make_article(author, title="Wie heilt ein Nerv?", texts={"professional": FIRST, "plain": "Nerven heilen.[@guide]"})
    type(article).objects.filter(pk=article.pk).update(language="de", summary="Was hilft und was nicht.")
    article.topics.add(Topic.objects.create(name="Nerves", slug="nerves"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    builders.revise(article, author, professional=SECOND)
    approved = builders.walk_to_approved(article, author, editor, reviewer, reviewer2)
    return publishing.publish(approved, by=editor, change_note="Die Dosis war falsch.", correction="Es sind 500 mg.")


@pytest.fixture
def spoken(german, client):
    def read(address, **posted):
        answer = client.post(address, posted) if posted else client.get(address)
        assert answer.status_code == 200, address
        return Spoken(answer.content.decode())

    return read


@pytest.mark.parametrize("view", ["", "?view=whole", "?view=side"])
def test_changed_passages_are_in_their_language_and_what_is_said_of_them_in_ours(spoken, view):
    page = spoken(f"{SLUG}compare/1/2/{view}")
    for words in ("Wie heilt ein Nerv?", "Naproxen", "zweimal am Tag", "Was hilft", "Die Dosis war falsch.", "Nerven heilen von selbst", "Bettruhe", "kaum"):
        assert page.of(words) == {"de"}, words
    for words in ("inserted:", "removed:", "end", "Dose", "Text for professionals", "to check first"):
        assert page.of(words) == {"en-GB"}, words


def test_rows_of_the_history_are_in_the_language_of_their_article(spoken):
    page = spoken(f"{SLUG}history/")
    for words in ("Wie heilt ein Nerv?", "Die Dosis war falsch.", "Es sind 500 mg."):
        assert page.of(words) == {"de"}, words
    for words in ("Version history", "Correction in", "What changed since"):
        assert page.of(words) == {"en-GB"}, words


@pytest.mark.parametrize("address", ["/", "/topics/nerves/", "/a-z/", "/search/?q=naproxen"])
def test_lists_say_it_of_titles_and_excerpts(spoken, address):
    page = spoken(address)
    assert page.of("Wie heilt ein Nerv?") == {"de"}
    assert page.of("Reference") <= {"en-GB"}
    assert page.of("Naproxen" if "search" in address else "Was hilft und was nicht.") == {"de"}
    assert page.of("Last reviewed") == {"en-GB"}


def test_passages_that_answer_a_question_say_it_too(spoken, client):
    page = Spoken(client.get("/ask/?q=Naproxen").content.decode())
    assert page.of("Wie heilt ein Nerv?") == {"de"}
    assert page.of("zweimal am Tag") == {"de"}
    assert page.of("Reference") == {"en-GB"}


def test_english_is_not_said_of_every_line(published, client):
    for address in ("/", "/a-z/", "/articles/how-is-a-trapped-nerve-treated/history/"):
        assert client.get(address).content.decode().count(" lang=") == 1
    assert [foreign(language) for language in ("en", "en-US", "de", "pt-BR", "enm")] == ["", "", "de", "pt-BR", "enm"]
