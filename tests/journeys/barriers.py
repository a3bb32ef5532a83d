"""What keeps somebody from using a page, as a real browser shows it: what axe finds, and what scrolls sideways.

A page is loaded once and looked at in every view: loading is the dear part.
"""

from axe_playwright_python.base import AXE_SCRIPT

from tests.scale import examples

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
# What a scheme changes is colours alone.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# (width, scheme, rules): two looks take in both widths and both schemes; `make prove` looks at each with each, by all rules.
REST = COLOURS if examples(1, 0) else RULES
EVERY_VIEW = [(360, "dark", RULES), (1280, "light", RULES), (360, "light", REST), (1280, "dark", REST)]
VIEWS = EVERY_VIEW[: examples(2, 4)]

_RUN = """async options => {
    const seen = await axe.run(options);
    const brief = node => [node.target.join(" "), node.html.slice(0, 160)];
    return [seen.passes.length, seen.violations.map(rule => [rule.id, rule.nodes.slice(0, 4).map(brief)])];
}"""


def axe(page, options=RULES):
    """What axe finds wrong with the page as it is: [rule, [[where, markup]…]] for each; it has looked at something."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    passed, violations = page.evaluate(_RUN, options | {"resultTypes": ["violations"]})
    assert passed > (15 if options is RULES else 0), "axe looked at nothing"
    return violations


def sideways(page):
    """How many pixels of the page are beyond its edge."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def see_in(page, width, scheme):
    """Look at the page in this width and colour scheme; nothing is caught half way to another."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})


def barriers(page, views=VIEWS):
    """What is wrong with the page that is loaded, in words, in each of the views; it is left in the last of them."""
    for width, scheme, rules in views:
        see_in(page, width, scheme)
        if (beyond := sideways(page)) > 0:
            yield f"{width} {scheme}: {beyond} px sideways"
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # a bar that goes along with the reader covers nothing there
        for rule, nodes in axe(page, rules):
            yield f"{width} {scheme}: {rule} {nodes}"
