"""Where in a YAML file a place stands."""

from collections.abc import Sequence

import yaml


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the 1-based line of the deepest part of the path that the text has; None where it is no YAML.

    Parts that the text does not have are passed over: pydantic names the type of a rule among its options.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    line = 1
    for part in path:
        line, node = _child(node, part) or (line, node)
    return line


def _child(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        child = node.value[int(part)]
        return child.start_mark.line + 1, child
    return None
