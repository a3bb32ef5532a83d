"""C2, C4: whatever people write, only the allow-list comes out. What comes out is judged by a parser of its own, html5lib."""

import random
from html import unescape
from urllib.parse import urlsplit

import html5lib
import pytest
from django.utils.safestring import SafeString

from articles.rendering import as_safe, overlay_marks, plain_text, render, sanitise, strip_marks
from tests.scale import examples

MARK = '<span class="cite-flag"> (retracted)</span>'

# ---- The oracle: what may stand in our HTML, written down a second time

PLAIN = {"ul", "blockquote", "code", "em", "strong", "sub", "br", "hr", "table", "thead", "tbody", "td"}
WITH_ID = {"p": "b", "li": "b", "tr": "b", "pre": "b", "h2": "h-", "h3": "h-", "h4": "h-", "h5": "h-", "h6": "h-"}
FIXED = {
    "sup": [{}, {"class": "cite"}],
    "span": [{}, {"class": "vh"}, {"class": "cite-missing"}],
    "aside": [{"class": f"callout {kind}", "role": "note"} for kind in ("flagbox", "dose", "caveat")],
    "th": [{"scope": "col"}],
}


def faults(html, *, ours=True):
    """What stands in the HTML that may not. `ours`: it was rendered, so every element is as our writer makes it."""
    found, seen = [], set()
    for element in html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        tag, attributes = element.tag, dict(element.attrib)
        if not isinstance(tag, str):
            found.append("a comment")
        elif not _may_stand(tag, attributes, ours):
            found.append(f"<{tag} {attributes}>")
        elif attributes.get("id") in seen:
            found.append(f"two elements with the id {attributes['id']}")
        seen |= {attributes["id"]} if "id" in attributes and ours else set()
    return found


def _may_stand(tag, attributes, ours):
    if tag in PLAIN:
        return not attributes
    if tag in FIXED:
        return attributes in FIXED[tag] if ours else all(any(part.get(k) == v for part in FIXED[tag]) for k, v in attributes.items())
    if tag in WITH_ID:
        if tag == "pre" and attributes.get("tabindex") == "0":
            attributes.pop("tabindex")
        return set(attributes) <= {"id"} and _is_id(attributes.get("id"), WITH_ID[tag])
    if tag == "ol":
        return set(attributes) <= {"start"} and attributes.get("start", "1").isdecimal()
    if tag == "div":
        fixed = {"class": "scroll", "tabindex": "0", "role": "region"}
        label = attributes.pop("aria-label", None if ours else "Table 1")
        is_labelled = isinstance(label, str) and label.startswith("Table ") and label[6:].isdecimal()
        return is_labelled and (attributes == fixed if ours else attributes.items() <= fixed.items())
    return tag == "a" and _is_link(attributes, ours)


def _is_id(value, start):
    if value is None:
        return True
    rest = value.removeprefix("plain-").removeprefix(start)
    return rest != value and (rest.isdecimal() if start == "b" else rest.replace("-", "").isalnum() and rest.isascii() and rest == rest.lower())


def _is_link(attributes, ours):
    href, name = attributes.get("href"), attributes.get("id")
    if href is None:
        return not ours and (set(attributes) <= {"rel"} or _is_place(name))
    if href.startswith("#"):
        number = href.removeprefix("#").removeprefix("plain-").removeprefix("ref-")
        return number.isdecimal() and (_is_place(name) if ours else name is None or _is_place(name)) and (set(attributes) == {"href", "id"} or not ours)
    parts = urlsplit(href)
    is_web = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and "@" not in parts.netloc
    return is_web and not set(href) & set(' \t\n\\<>"') and (attributes == {"href": href, "rel": "noopener"} or not ours)


def _is_place(value):
    parts = (value or "").removeprefix("plain-").split("-")
    return len(parts) == 3 and parts[0] == "cite" and parts[1].isdecimal() and parts[2].isdecimal()


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>", "<svg><a/></svg>", "<math></math>", "<style>*{}</style>", "<iframe></iframe>", "<form></form>", "<img src=x>", "<p onclick=x>",
        "<p style=x>", "<p class=cite>", "<p id=main>", "<p id=b1></p><p id=b1>", "<h2 id=b1>", "<a href='javascript:1' rel=noopener>", "<a href='//x.org' rel=noopener>",
        "<a href='/x' rel=noopener>", "<a href='https://x.org' target=_blank>", "<a href='https://u@x.org' rel=noopener>", "<a href='#main'>", "<a name=x>",
        "<a href='#ref-1'>", "<sup class='cite x'>", "<span class=cite-flag>", "<aside class='callout'>", "<div>", "<div class=scroll>", "<!-- c -->", "<input>",
        "<ol start=x>", "<table><td align=left>", "<h1>", "<section>", "<b>", "<object>", "<template>", "<meta>", "<base href=x>", "<link>", "<video>", "<details>",
    ],
)  # fmt: skip
def test_c2_the_oracle_finds_what_is_planted(planted):
    assert faults(planted)


# ---- Hostile pieces

TAGS = [
    "a", "abbr", "applet", "aside", "audio", "b", "base", "body", "br", "button", "canvas", "caption", "col", "custom-x", "details",
    "dialog", "div", "embed", "fieldset", "font", "form", "frame", "frameset", "h1", "h2", "head", "html", "i", "iframe", "image", "img",
    "input", "isindex", "kbd", "keygen", "label", "li", "link", "listing", "main", "map", "marquee", "math", "menu", "meta", "meter",
    "mglyph", "mi", "mtext", "nav", "noembed", "noframes", "noscript", "object", "ol", "option", "p", "param", "picture", "plaintext",
    "pre", "script", "section", "select", "slot", "source", "span", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
    "template", "textarea", "tfoot", "th", "thead", "title", "tr", "track", "u", "ul", "video", "wbr", "xmp", "annotation-xml", "desc",
    "foreignObject",
]  # fmt: skip
ATTRIBUTES = ['onclick="alert(1)"', "onerror=alert(1)", "style='x:expression(1)'", 'class="cite"', 'class="callout flagbox"', "class=vh", "class=cite-flag", 'id="ref-1"',
              'id="b1"', 'id="cite-1-1"', "id=main", 'href="javascript:alert(1)"', "href=//evil.org", "href='https://evil.org/'", 'href="#ref-1"', "href=data:text/html,x",
              "src=x", "srcset=x", 'xlink:href="javascript:1"', "formaction=x", "action=x", "target=_blank", 'rel="opener"', "role=region", "role=alert", "tabindex=0",
              "aria-label='Table 1'", "aria-label=x", "start=3", "start=-1", "scope=col", "srcdoc=x", "lang=x", "title=x", "name=x", "contenteditable", "is=x", "slot=x"]  # fmt: skip
HTML = ["<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?x ?>", "<!DOCTYPE html>", "</", "<", ">", "/>", "&lt;script&gt;", "&#60;", "&#x3c;b&#x3e;", "&amp;", "&nbsp;", "&#0;",
        "&#13;", "&Tab;", "\x00", "\x0c", "\r", "\n", "\n\n", "text", " ", '"', "'", "`", MARK, '<sup class="cite">', "\ufffe", "\u2028", "\u202e", "\U0001f600"]  # fmt: skip
MARKDOWN = ["# ", "## ", "###### ", "> ", "- ", "  - ", "1. ", "007. ", "***", "---", "===", "| a | b |\n|---|:-:|\n| c | d |\n", "|", "\\", "\\|", "```\n", "```html onclick=x\n",
            "~~~\n", "    ", "\t", "`", "``", "*", "**", "_", "__", "***", "~", "^", "^2^", "~2~", "[", "]", "(", ")", "![", "](", "[a](javascript:alert(1))", "[a](//evil.org)",
            "[a](https://example.org \"t\" )", "[a](https://example.org/\"onclick=x)", "[a](<https://example.org/ x>)", "<https://example.org>", "<javascript:alert(1)>",
            "<a@example.org>", "![x](https://evil.org/x.png)", "![x [@k]](y)", "[a]: javascript:alert(1)", "[a]", "[@a]: https://evil.org", "&colon;", "\n", "\n", "\n\n",
            "word", "10 ", "5 mg"]  # fmt: skip
OURS = ["[@a]", "[@a; @b]", "[@b, p. <b>1</b>]", '[@a, "><script>]', "[@<a>]", "[@a&b]", "[@a~b<c>d]", "\n::: red-flag <b>x</b>\n", "\n::: dose [@a]\n", "\n::: caveat\n",
        "\n:::\n", "\n::: evil\n", "\n::: {.callout onclick=x}\n", "\n:::: dose\n", "^[@a],[@b]^"]  # fmt: skip


def _tag(rng):
    inside = " ".join([rng.choice(TAGS), *rng.choices(ATTRIBUTES, k=rng.randint(0, 2))])
    return rng.choice(["<{}>", "<{}>", "</{}>", "<{}/>", "<{}", "<{}>x</{}>"]).replace("{}", inside, 1).replace("{}", inside.split()[0])


def hostile(rng, pieces):
    """A made-up text of hostile pieces."""
    return "".join(_tag(rng) if rng.random() < 0.3 else rng.choice(pieces) for _ in range(rng.randint(1, 14)))


def made(seed, count, pieces):
    """So many made-up texts, the same for the same seed."""
    rng = random.Random(seed)
    return [hostile(rng, pieces) for _ in range(count)]


# ---- C2


def test_c2_hostile_markdown_becomes_nothing_but_our_elements():
    for source in made(2, examples(1_500, 30_000), [*HTML, *MARKDOWN, *OURS]):
        text = render(source, known={"a", "b"}, anchor=random.Random(source).choice(["", "plain"]))
        assert not faults(text.html), source
        assert sanitise(text.html) == text.html, source
        assert strip_marks(text.html) == text.html, source
        assert plain_text(text.html) == "\n".join(block.text for block in text.blocks if block.text), source


def test_c2_hostile_html_is_cut_down_to_the_allow_list_once_and_for_all():
    for html in made(3, examples(1_500, 20_000), HTML):
        clean = sanitise(html)
        assert not faults(clean, ours=False), html
        assert sanitise(clean) == clean, html


def test_c2_our_marks_arise_from_our_syntax_alone():
    """Text without citations and call-outs holds no marker, no call-out and no link within the page, whatever HTML it spells."""
    for source in made(5, examples(1_000, 10_000), [piece for piece in [*HTML, *MARKDOWN] if "@" not in piece]):
        text = render(source)
        tree = html5lib.parseFragment(text.html, treebuilder="etree", namespaceHTMLElements=False)
        assert not [e for e in tree.iter() if e.get("class") not in {None, "scroll"} or (e.get("href") or "").startswith("#") or e.tag == "aside"], source
        assert (text.keys, text.places) == ((), ())


def test_c2_every_place_has_its_marker_and_every_block_its_element():
    for source in made(7, examples(500, 5_000), [*MARKDOWN, *OURS]):
        text = render(source, known={"a", "b"})
        ids = [e.get("id") for e in html5lib.parseFragment(text.html, treebuilder="etree", namespaceHTMLElements=False).iter() if e.get("id")]
        markers = [f"cite-{place.number}-{place.occurrence}" for place in text.places]
        assert [name for name in ids if name.startswith("cite-")] == markers, source
        assert sorted(name for name in ids if not name.startswith("cite-")) == sorted(block.id for block in text.blocks), source
        assert {place.block for place in text.places} <= {block.id for block in text.blocks}, source
        assert all(len(block.id) <= 40 for block in text.blocks)


@pytest.mark.parametrize("word", ["script", "style", "svg", "math", "iframe", "form", "object", "template", "noscript", "textarea", "plaintext", "title"])
def test_c2_html_in_a_text_is_shown_as_words_and_said(word):
    text = render(f"Before <{word} onload=alert(1)>inside</{word}> after.")
    assert plain_text(text.html) == f"Before <{word} onload=alert(1)>inside</{word}> after."
    assert any("HTML is shown as text" in sentence for sentence in text.dropped)


@pytest.mark.parametrize("broken", ["\ud800", "a\udfffb", "\x00", "\x1b[31m", "\x7f", "\x85"])
def test_characters_that_cannot_be_shown_are_replaced_and_said(broken):
    text = render(f"first\n\nx{broken}y")
    assert "\ufffd" in text.html
    assert text.html.encode("utf-8")
    assert any(sentence.startswith("Line 3: 1 character") for sentence in text.dropped)


def test_a_carriage_return_by_entity_is_a_space():
    text = render("a&#13;b `c`&#12;d")
    assert plain_text(text.html) == "a b c d"
    assert sanitise(text.html) == text.html


# ---- C4

LINKS_OUT = ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "&#106;avascript:alert(1)", "java&Tab;script:alert(1)", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x",
             "//evil.org/x", "/admin/", "admin/", "../x", "#main", "#ref-1", "?next=x", "mailto:a@example.org", "tel:112", "file:///x", "ftp://example.org/", "blob:x",
             "https://user:pw@example.org/", "https://example.org@evil.org/", "http:example.org", "https:///x", "https://localhost/", "\\\\\\\\evil.org", "https:\\\\\\\\evil.org",
             "%6aavascript:alert(1)", "", "."]  # fmt: skip


@pytest.mark.parametrize("address", LINKS_OUT)
def test_c4_a_link_elsewhere_than_the_web_is_unwrapped_and_said(address):
    text = render(f"Read [these words]({address}).")
    assert text.html == '<p id="b1">Read these words.</p>\n'
    assert len(text.dropped) == 1
    assert "was left out; its text is kept" in text.dropped[0]


def test_c4_a_link_to_the_web_stands_as_it_was_written():
    text = render('[w](https://Example.org/a?b=1&c=%20#d "hover") and <http://example.org/>')
    assert text.html == (
        '<p id="b1"><a href="https://example.org/a?b=1&amp;c=%20#d" rel="noopener">w</a> and '
        '<a href="http://example.org/" rel="noopener">http://example.org/</a></p>\n'
    )
    assert text.dropped == ("Line 1: The hover text of a link was left out: “hover”.",)


def test_c4_made_up_addresses_in_links_stay_on_the_web():
    rng = random.Random(44)
    pieces = ["http", "https", "javascript", "data", "&#58;", ":", "/", "//", "\\", "@", "example.org", "evil.org", ".", "?", "#", "%2f", "%00", "&Tab;", "&NewLine;",
              "\x01", "\u202e", "[::1]", ":80", "a", "é", "&amp;", ";", "%22", '"', "'", "`", "localhost", "HTTPS://", "https://", "&colon;", "(", ")"]  # fmt: skip
    stood = 0
    for _ in range(examples(1_000, 5_000)):
        address = rng.choice(["", "https://", "http://example.org"]) + "".join(rng.choices(pieces, k=rng.randint(1, 8)))
        for source in (f"[w]({address})", f"[w](<{address}>)", f"<{address}>", f"![w]({address})"):
            html = render(source).html
            assert not faults(html), source
            stood += "href" in html
    assert stood > 50


def test_a_link_in_an_image_in_a_link_stands_once():
    text = render("[![a [b](https://b.example) c](d.png) e](https://f.example)")
    assert text.html.count("<a ") == 1
    assert plain_text(text.html) == "a b c e"
    text = render("[![a [@k] b](d.png)](https://f.example)")
    assert text.html.count("<a ") == 1
    assert text.keys == ("k",)


# ---- For templates


def test_as_safe_passes_what_was_rendered_and_cleans_what_was_not():
    html = render("Words [@a] and `<b>`.").html
    marked = overlay_marks(html, {1: "retraction"})
    assert as_safe(html) == html
    assert as_safe(marked) == marked
    assert isinstance(as_safe(html), SafeString)
    assert as_safe("<p>x<script>alert(1)</script></p>") == "<p>x</p>"
    assert as_safe(f"{MARK}<img src=x onerror=alert(1)>") == ""


# ---- Marks


def test_marks_are_laid_over_the_given_numbers_and_taken_off_byte_for_byte():
    html = render("One [@a, p. 3; @b], two [@a]. [@c]").html
    marked = overlay_marks(html, {1: "retraction", 3: "withdrawal", 9: "retraction"})
    assert marked.count(MARK) == 2
    assert marked.count('3</a><span class="cite-flag"> (withdrawn)</span>') == 1
    assert '2</a><span class="cite-flag">' not in marked
    assert strip_marks(marked) == html
    assert overlay_marks(marked, {2: "retraction"}) == overlay_marks(html, {2: "retraction"})
    assert overlay_marks(html, {}) == html
    assert plain_text(marked) == plain_text(html)
    with pytest.raises(ValueError, match="no mark for correction"):
        overlay_marks(html, {1: "correction"})


def test_marks_over_made_up_texts_come_off_byte_for_byte():
    rng, laid = random.Random(8), 0
    for source in made(8, examples(500, 10_000), [*HTML, *MARKDOWN, *OURS]):
        anchor = rng.choice(["", "plain"])
        text = render(source, known={"a", "b"}, anchor=anchor)
        marks = {n: rng.choice(["retraction", "withdrawal"]) for n in (1, 2) if rng.random() < 0.7}
        marked = overlay_marks(text.html, marks)
        assert strip_marks(marked) == text.html, source
        expected = sum(place.number in marks for place in text.places)
        assert marked.count('<span class="cite-flag">') == expected, source
        laid += expected
    assert laid > 100


def test_text_of_people_cannot_hold_a_mark():
    source = f"{MARK} `{MARK}` [@a, {MARK}] {unescape(MARK)} {MARK.replace('<', '&lt;')}"
    text = render(source)
    assert strip_marks(text.html) == text.html
    assert sanitise(MARK) == "<span> (retracted)</span>"
