"""The data in the head of an article, in a real browser: read as data, never run, and nothing for the Content-Security-Policy to refuse."""

from tests import builders

TITLE = "Is </script><script>window.ran=1</script> or <!-- treated?"
LISTEN = "window.refused = []; document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective))"
READ = """() => ({
    name: JSON.parse(document.querySelector('script[type="application/ld+json"]').textContent).name,
    heading: document.querySelector("h1").textContent,
    ran: window.ran, refused: window.refused,
})"""


def test_c5_the_data_are_data(committed_db, author, editor, reviewer, reviewer2, site, page):
    article = builders.make_article(author, title=TITLE, article_type=builders.make_type("answers"))
    publication = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    page.add_init_script(LISTEN)
    page.goto(site.url + publication.article.addresses.get().path)
    assert page.evaluate(READ) == {"name": TITLE, "heading": TITLE, "ran": None, "refused": []}
