"""An article as a Markdown file with a block of YAML fields, as our own import reads it back to the same article. Pure."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import yaml

from articles.citations import Source
from articles.formats.items import Item, lines

FORMAT = "imprimatur/1"


class _Dumper(yaml.SafeDumper):
    """Text of several lines stands as such; nothing is shared by anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value where it stands."""
        return True


def _text(dumper: _Dumper, words: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", words, style="|" if "\n" in words else None)


_Dumper.add_representer(str, _text)


def write(item: Item) -> str:
    """The article as one file: the text for professionals below the fields, that for patients in a field of its own; a lone text below them."""
    main = "professional" if item.texts.get("professional", "").strip() else next(iter(item.texts), "professional")
    front: dict[str, Any] = {
        "format": FORMAT,
        "title": item.title,
        "type": item.kind,
        "audience": main,
        "lang": item.language,
        "author": list(item.authors),
        "summary": item.summary,
        "topics": list(item.topics),
        "funding": item.funding,
        "interests": item.interests,
        "plain": item.texts.get("plain", "") if main == "professional" else "",
        "references": [{"id": key, **_fields(work)} for key, work in item.references.items()],
    }
    block = yaml.dump({name: value for name, value in front.items() if value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{block}---\n{lines(item.texts.get(main, ''))}"


def _fields(work: Source) -> Mapping[str, Any]:
    """The fields of a work that hold something, by their own names; days as ISO 8601."""
    values = {each.name: getattr(work, each.name) for each in fields(work)}
    return {name: value if isinstance(value, str | int) else value.isoformat() for name, value in values.items() if value}
