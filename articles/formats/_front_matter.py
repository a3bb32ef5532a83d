"""The YAML block that a Markdown file may begin with, read as text alone: no types are guessed, no tags, anchors or aliases obeyed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from articles.formats.items import BadInput

Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # Every scalar stays text: NO is a name, 012 a number as printed.
MAX_DEPTH = 12
MAX_EVENTS = 200_000
_BEGINS = re.compile(r"---[ \t]*\n")
_ENDS = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True)
class Front:
    """The fields of the block, the lines where they stand, and the text after it with its first line."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1

    def line(self, name: str) -> int:
        """The line of a field (`title`, `references[3]`); 0 when it is not there."""
        return self.lines.get(name, 0)


def split(text: str) -> Front:
    """The block and the text after it; a file need not have one. BadInput when it is begun and cannot be read."""
    begins = _BEGINS.match(text)
    if begins is None:
        return Front(body=text)
    ends = _ENDS.search(text, begins.end())
    if ends is None:
        raise BadInput("The block of fields (front matter) is never ended by a line of three dashes.", line=1)
    block = text[begins.end() : ends.start()]
    lines: dict[str, int] = {}
    node = _compose(block)
    fields = _value(node, "", lines) if node is not None else {}
    if not isinstance(fields, dict):
        raise BadInput("The block of fields (front matter) does not name any fields.", line=2)
    return Front(fields, lines, text[ends.end() :].removeprefix("\n"), text.count("\n", 0, ends.end()) + 2)


def _compose(block: str) -> yaml.Node | None:
    """The tree of nodes, after a first pass that refuses what could grow or act."""
    try:
        _check_events(block)
        return yaml.compose(block, Loader=Loader)
    except BadInput:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 0
        raise BadInput(f"The YAML is broken here: {error.problem or error.context}.", line=line) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise BadInput("The YAML cannot be read.", line=2) from None


def _check_events(block: str) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(block, Loader=Loader)):
        line = event.start_mark.line + 2 if event.start_mark else 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInput("YAML with anchors or aliases is not read.", line=line)
        if getattr(event, "tag", None):
            raise BadInput("YAML with tags is not read.", line=line)
        if depth > MAX_DEPTH or count > MAX_EVENTS:
            raise BadInput("The YAML is nested too deeply, or too long.", line=line)


def _value(node: yaml.Node, path: str, lines: dict[str, int]) -> Any:
    """Text, list or fields of a node; the line of each is noted under its path."""
    lines[path] = node.start_mark.line + 2
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, f"{path}[{number}]", lines) for number, child in enumerate(node.value, 1)]
    if not isinstance(node, yaml.MappingNode):
        return "" if not getattr(node, "style", None) and node.value in _NOTHING else str(node.value)
    fields: dict[str, Any] = {}
    for key, child in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if not name or name in fields:
            reason = f"The field {name} stands there twice." if name else "A field has no name that can be read."
            raise BadInput(reason, f"{path}.{name}".strip("."), key.start_mark.line + 2)
        fields[name] = _value(child, f"{path}.{name}".strip("."), lines)
        lines[f"{path}.{name}".strip(".")] = key.start_mark.line + 2
    return fields
