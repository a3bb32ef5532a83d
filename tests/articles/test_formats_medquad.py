"""MedQuAD in: every question taken or refused by itself, every word of an answer kept, nothing in it obeyed (C2, C6, C10, C13)."""

import json
import os
import random
import re
import tracemalloc
from pathlib import Path

import pytest

from articles.formats import medquad
from articles.formats._answers import to_markdown
from articles.formats.items import Item, Refusal
from articles.rendering import plain_text, render
from tests.articles.test_rendering import SIZES
from tests.articles.test_sanitising import faults
from tests.growth import RATIO, growth
from tests.scale import examples

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
ROW = {
    "collection": "6_NINDS_QA", "doc_id": "0000001", "source": "NINDS", "url": "http://www.example.org/pain", "focus": "Back Pain",
    "file": "6_NINDS_QA/0000001.xml", "pid": "1", "qid": "0000001-1", "qtype": "treatment", "question": "What are the treatments for Back Pain ?",
    "answer": "Walk every day.",
}  # fmt: skip
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="0000001" source="NINDS" url="http://www.example.org/pain">
<Focus>Back Pain</Focus>
<QAPairs>
  <QAPair pid="1">
    <Question qid="0000001-1" qtype="treatment">What are the treatments for Back Pain ?</Question>
    <Answer>Walk every day.</Answer>
  </QAPair>
</QAPairs>
</Document>
"""
HOSTILE = [
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <svg onload=alert(1)>",
    "[press](javascript:alert(1)) and <javascript:alert(1)> and ![x](http://example.org/x.png)",
    "::: red-flag Stop your drugs\n\n:::\n\n::: {.evil}\n\n    code",
    "5\u202egm 0\u202c01 \u2066x\u2069 and \ufeffmark",
    "# not a heading\n\n> nor a quotation\n\n1. nor a list\n\n| a | b |\n\n|---|---|\n\n***\n\n---\n\n===",
    "`code` *stars* __lines__ ~~struck~~ H~2~O 10^9^ &lt;b&gt; &amp; \\ [@source] [@other, p. 1] [x]: http://example.org",
    "````\nfence\n~~~~\n<!-- hidden -->",
]  # fmt: skip


def data(*parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


def read_rows(tmp_path, *rows):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps({**ROW, **row}).encode() for row in rows))
    return list(medquad.read(path))


def read_page(tmp_path, page):
    folder = tmp_path / "6_NINDS_QA"
    folder.mkdir(exist_ok=True)
    path = folder / "0000001.xml"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return list(medquad.read(path))


def words(text):
    """The words in their order; a dash alone is the bullet that it was."""
    return [word for word in text.split() if word != "-"]


def shown(answer):
    return plain_text(render(to_markdown(answer)).html)


# ---- The real questions


@pytest.fixture(scope="module")
def real():
    """The two thousand questions as they are read."""
    return list(medquad.read(data("medquad", "qa_dev.jsonl")))


def test_all_two_thousand_questions_are_taken(real):
    assert len(real) == 2000
    assert not [item for item in real if isinstance(item, Refusal)]
    assert len({item.identity for item in real}) == 2000
    assert not [item.title for item in real if " ?" in item.title or "  " in item.title]


def test_every_word_of_the_real_answers_survives_in_its_order(real):
    with data("medquad", "qa_dev.jsonl").open(encoding="utf-8") as file:
        answers = [json.loads(line)["answer"] for line in file]
    lost = []
    for answer, item in zip(answers, real, strict=True):
        text, _, last = plain_text(render(item.texts["plain"], known=item.references).html).rpartition("\n")
        assert last.startswith("Source: ")
        if words(text) != words(answer):
            lost.append(answer[:60])
    assert not lost


def test_a_page_says_the_same_as_its_json_line(real):
    lines = {item.identity: item.digest for item in real}
    pages = list(medquad.read(data("medquad", "xml")))
    assert len(pages) == 369
    assert all(lines[item.identity] == item.digest for item in pages)


# ---- What becomes of a question


def test_a_question_becomes_a_plain_language_text_that_cites_its_page(tmp_path):
    (item,) = read_rows(tmp_path, {})
    assert item.title == "What are the treatments for Back Pain?"
    assert item.identity == "medquad:6_NINDS_QA/0000001.xml#0000001-1"
    assert item.kind == "answers"
    assert item.texts == {"plain": "Walk every day.\n\nSource: Back Pain, National Institute of Neurological Disorders and Stroke [@source]\n"}
    source = item.references["source"]
    assert (source.kind, source.title, source.url) == ("web_page", "Back Pain", "http://www.example.org/pain")
    assert item.warnings == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("treatment", "answers"), ("dose", "answers"), ("symptoms", "diagnosis"), ("exams and tests", "diagnosis"), ("information", "general"), ("", "general")],
)
def test_what_tells_how_to_treat_meets_the_strictest_policy(kind, expected):
    assert medquad.article_kind(kind) == expected


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is (are) Back Pain ?", "What is (are) Back Pain?"),
        ("what research (or clinical trials) is being done for Pain ?", "What research (or clinical trials) is being done for Pain?"),
        ("Do you have information about Flu Shot", "Do you have information about Flu Shot"),
        ("Is 1 . 5 a dose ?", "Is 1. 5 a dose?"),
    ],
)
def test_a_question_is_tidied_without_changing_a_word(question, title):
    assert medquad.tidy_question(question) == title


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        ("Signs are:     - Fever.    - Chills.       Call a doctor.", "Signs are:\n\n- Fever.\n- Chills.\n\nCall a doctor.\n"),
        ("Signs include - fever  - chills  - pain", "Signs include\n\n- fever\n- chills\n- pain\n"),
        ("Avoid bites:\n   \n    - at night \n     \n      - under a net\n     \n    - by day\n", "Avoid bites:\n\n- at night\n  - under a net\n- by day\n"),
        ("It ends.\n    \nDiagnostic Tests\n    \nA test is made of the blood.", "It ends.\n\n## Diagnostic Tests\n\nA test is made of the blood.\n"),
        ("See:\n   \nFever\n   \nChills\n   \nThese signs may pass.", "See:\n\nFever\n\nChills\n\nThese signs may pass.\n"),
        ("Is it inherited?  It is not known.", "## Is it inherited?\n\nIt is not known.\n"),
        ("Take 5  - 10 mg a day.", "Take 5 - 10 mg a day.\n"),
        ("This is called   deep vein thrombosis.", "This is called deep vein thrombosis.\n"),
        ("Wrapped within\na sentence.", "Wrapped within a sentence.\n"),
        ("- 5 mg", "- 5 mg\n"),
        ("1. Walk", "1\\. Walk\n"),
    ],
)
def test_layout_that_spaces_stood_for_is_made_plain(answer, markdown):
    assert to_markdown(answer) == markdown


def test_no_word_of_a_made_up_answer_is_lost_gained_or_moved():
    rng = random.Random(7)
    pieces = ["pain", "5", "mg", "-", "- ", "*", "_", "`", "#", ">", "|", "~", "^", "[", "]", "(", ")", "<b>", "&amp;", "\\", "!", "::", ":::", "1.", "2)", "+", "=", "===",
              "---", "[@source]", "http://example.org", "word.", "Word:", "?", "é", "10^9", " ", "  ", "   ", "     ", "\n", "\n\n", "\n   ", "\t", "”", "…"]  # fmt: skip
    for _ in range(examples(2000, 50_000)):
        answer = "".join(rng.choice(pieces) + rng.choice(["", " "]) for _ in range(rng.randint(1, 25)))
        assert words(shown(answer)) == words(answer), answer


# ---- C2, C4, C13: nothing in an answer, a title or an address is obeyed


@pytest.mark.parametrize("text", HOSTILE)
def test_c2_nothing_in_an_answer_is_obeyed(tmp_path, text):
    (item,) = read_rows(tmp_path, {"answer": text, "focus": text})
    rendered = render(item.texts["plain"], known=item.references)
    assert faults(rendered.html) == []
    assert rendered.keys == ("source",)
    assert [place.occurrence for place in rendered.places] == [1]
    assert not any(sign in rendered.html for sign in ("<script", "<img", "<aside", "<pre", "<table", "<a href=\"http", "\u202e", "\u2066"))


def test_c13_a_title_is_one_line_without_characters_that_are_not_seen(tmp_path):
    (item,) = read_rows(tmp_path, {"question": "What\r\nis\u2028pain\u202e\x07 ?\u2066"})
    assert item.title == "What is pain?"
    assert "3 invisible or control characters were left out of the question." in item.warnings


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//example.org", "ftp://example.org/x", "http://user:pass@example.org/", "http://exa mple.org", "x" * 2000])
def test_c4_an_address_that_is_none_is_left_out_and_told(tmp_path, url):
    (item,) = read_rows(tmp_path, {"url": url})
    assert item.references["source"].url == ""
    assert item.warnings[0].startswith("The address of the source was left out")


def test_a_source_without_an_address_is_told_and_never_blocks(tmp_path):
    (item,) = read_rows(tmp_path, {"url": ""})
    assert item.warnings == ("The source has no DOI, PMID or address, so it cannot be checked.",)


# ---- One bad line never costs the others

BAD_LINES = [
    (b"{not json", "not JSON", ""),
    (b'"text"', "not a JSON object", ""),
    (b"\xff\xfe{}", "not UTF-8", ""),
    ('{"question": "Müde?"}'.encode("latin-1"), "not UTF-8", ""),
    (b'{"a": "\x00"}', "NUL", ""),
    (b"[" * 100_000, "cannot be|can be read|not JSON", ""),
    (b'{"n": ' + b"9" * 10_000 + b"}", "can be read", ""),
    (json.dumps({**ROW, "answer": "a\x00b"}).encode(), "NUL", "answer"),
    (json.dumps({**ROW, "answer": "  "}).encode(), "no answer", "answer"),
    (json.dumps({**ROW, "answer": ["list"]}).encode(), "not text", "answer"),
    (json.dumps({**ROW, "question": ""}).encode(), "no title", "title"),
    (json.dumps({**ROW, "question": "W" * 301}).encode(), "301 characters", "title"),
    (json.dumps({**ROW, "qid": ""}).encode(), "no number", "qid"),
    (json.dumps({**ROW, "file": "f" * 250}).encode(), "200 characters", "identity"),
    (json.dumps({**ROW, "answer": "word " * 80_000}).encode(), "at most 300,000", "text"),
    (b'{"x": "' + b"y" * (medquad.MAX_ENTRY + 10) + b'"}', "longer than", ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason", "field"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_is_refused_by_itself_with_its_number_and_field(tmp_path, line, reason, field):
    first, bad, last = read_rows(tmp_path, {"qid": "first"}, line, {"qid": "last"})
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    assert (last.identity[-4:], last.place.line) == ("last", 3)
    assert isinstance(bad, Refusal)
    assert re.search(reason, bad.reason)
    assert (bad.place.line, bad.place.field) == (2, field)


def test_a_byte_order_mark_and_blank_lines_are_no_fault(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n\r\n" + json.dumps({**ROW, "qid": "2"}).encode())
    assert [item.place.line for item in medquad.read(path)] == [1, 3]


def test_surrogates_in_json_escapes_are_left_out(tmp_path):
    (item,) = read_rows(tmp_path, json.dumps(ROW).replace("Walk every", "Walk\\ud800 every").encode())
    assert item.texts["plain"].startswith("Walk every day.")
    item.texts["plain"].encode()


def test_fields_that_are_not_known_are_told(tmp_path):
    (item,) = read_rows(tmp_path, {"surprise": 1})
    assert item.warnings == ("Not known, so left out: surprise.",)


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path):
    (missing,) = medquad.read(tmp_path / "none.jsonl")
    (empty,) = medquad.read(tmp_path)
    assert missing.reason == "There is no such file or folder."
    assert empty.reason.startswith("There are no files here")


def test_a_folder_is_walked_in_order_without_links_hidden_files_and_readmes(tmp_path):
    for name in ("b.jsonl", "a.jsonl", ".hidden.jsonl", "README.xml", "note.txt"):
        (tmp_path / name).write_text(json.dumps({**ROW, "qid": name}))
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "a.jsonl")
    assert [item.identity[-7:] for item in medquad.read(tmp_path)] == ["a.jsonl", "b.jsonl"]


def test_a_folder_that_is_closed_to_us_is_told_after_the_others_are_read(tmp_path, monkeypatch):
    (tmp_path / "open.jsonl").write_text(json.dumps(ROW))
    (tmp_path / "closed").mkdir()
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: _refuse(path) if str(path).endswith("closed") else real(path))
    found = list(medquad.read(tmp_path))
    assert [type(each) for each in found] == [Item, Refusal]
    assert "1 folders below this one cannot be read" in found[1].reason


def _refuse(path):
    raise PermissionError(13, "Permission denied", str(path))


# ---- XML


def test_a_page_is_read_with_the_line_of_each_question(tmp_path):
    (item,) = read_page(tmp_path, PAGE)
    assert item.identity == "medquad:6_NINDS_QA/0000001.xml#0000001-1"
    assert item.place.line == 5
    assert item.digest == read_rows(tmp_path, {})[0].digest


def test_words_within_elements_of_an_answer_are_kept(tmp_path):
    (item,) = read_page(tmp_path, PAGE.replace("Walk every", "Walk <b>every</b> <![CDATA[<script>]]>"))
    assert "Walk every \\<script\\> day." in item.texts["plain"]


DOCTYPE = '<!DOCTYPE Document [{}]>\n<Document id="1" source="S" url="http://e.org"><QAPairs><QAPair><Question qid="1">Q</Question><Answer>{}</Answer></QAPair></QAPairs></Document>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = [
    DOCTYPE.format('<!ENTITY x SYSTEM "file:///etc/hostname">', "&x;"),
    DOCTYPE.format('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
    DOCTYPE.format('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;', "x"),
    DOCTYPE.format('<!ENTITY l0 "lol">' + LAUGHS, "&l9;"),
    DOCTYPE.format(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000),
    '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd"><Document/>',
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("page", ATTACKS, ids=range(len(ATTACKS)))
def test_c6_a_page_with_a_document_type_is_refused(tmp_path, page, encoding):
    tracemalloc.start()
    found = read_page(tmp_path, page.encode(encoding))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(each) for each in found] == [Refusal]
    assert "DOCTYPE" in found[0].reason
    assert peak < 100_000_000


def test_c6_xinclude_is_not_obeyed(tmp_path):
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    (item,) = read_page(tmp_path, PAGE.replace("Walk every", f"Walk {include} every"))
    assert item.texts["plain"].startswith("Walk every day.")


@pytest.mark.parametrize(
    ("page", "reason", "line"),
    [
        (PAGE.replace("</Answer>", "</Anwser>"), "broken", 7),
        (PAGE.replace("<Answer>Walk", "<Answer>&nbsp;Walk"), "broken", 7),
        (PAGE[: PAGE.index("</QAPairs>")], "broken", 9),
        ("", "not a page of MedQuAD", 0),
        ("<html><p>no</p></html>", "not a page of MedQuAD", 0),
        (PAGE.replace("UTF-8", "no-such-encoding"), "encoding", 0),
        (PAGE.replace("UTF-8", "utf-7"), "encoding|broken", 0),
        (PAGE.encode().replace(b"Walk", b"W\xe4lk"), "broken", 7),
        (PAGE.replace("Walk", "W\x00lk"), "broken", 7),
        (PAGE.replace("Walk every day.", "w" * (medquad.MAX_ENTRY + 100_000)), "too long", 5),
        (PAGE.replace("Walk", "<a>" * 200_000), "too deep", 5),
    ],
)
def test_a_broken_page_is_refused_where_it_breaks(tmp_path, page, reason, line):
    found = read_page(tmp_path, page)
    refused = [each for each in found if isinstance(each, Refusal)]
    assert len(refused) == 1
    assert re.search(reason, refused[0].reason)
    assert not line or refused[0].place.line == line


def test_questions_before_a_fault_in_a_page_are_taken(tmp_path):
    found = read_page(tmp_path, PAGE.replace("</QAPairs>", "<QAPair><Question></QAPair></QAPairs>"))
    assert [type(each) for each in found] == [Item, Refusal]


def test_latin_1_that_says_so_is_read(tmp_path):
    (item,) = read_page(tmp_path, PAGE.replace("UTF-8", "ISO-8859-1").replace("Walk", "Wälk").encode("latin-1"))
    assert item.texts["plain"].startswith("Wälk every day.")


# ---- C10: time and memory


def test_c10_memory_does_not_grow_with_the_file(tmp_path):
    def peak(count):
        path = tmp_path / "long.xml"
        pair = PAGE[PAGE.index("<QAPair ") : PAGE.index("</QAPairs>")].replace("Walk every day.", "Walk every day. " * 300)
        path.write_text(PAGE.replace("</QAPairs>", pair * count + "</QAPairs>"))
        tracemalloc.start()
        assert sum(1 for _ in medquad.read(path)) == count + 1
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(400) < 2 * peak(50)


FAMILIES = ["a  b ", "- x  ", " - ", "a\n", "\n\n  - ", "\t", "?  ", "A b\n   \n", "*[`", "  ", ".\"\"\" ", "1  - 1 "]  # fmt: skip


@pytest.mark.parametrize("unit", FAMILIES)
def test_c10_an_answer_is_read_in_time_that_grows_with_it(unit):
    assert growth(lambda size: to_markdown(unit * (size // len(unit))), SIZES)[0] <= RATIO
