"""XML as vendors write it: values that are not known to be technical are blanked in place. Pure.

Read as a row of tags by our own few lines and no parser, because every sign must stay where it stands; what is no well-formed
XML is blanked with the rest. No entity is ever expanded."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from telepath.slides.deidentify.texts import blanked, kind_of, told
from telepath.slides.pieces import Log

Rule = Callable[[str, dict[str, str], str, str], bool | str]
"""(element, its attributes, attribute or "" for its text, value) → whether it stays, or what stands there instead, as long."""
_TOKEN: Final = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![^>]*>|<[^<>]+>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"""([\w:.-]+)(\s*=\s*)("[^"]*"|'[^']*')""")
_NAME: Final = re.compile(r"</?([\w:.-]+)")


def tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and attributes of each element that begins, in their order; names without their prefixes."""
    for found in _TOKEN.finditer(text):
        named = _NAME.match(found[0])
        if named is not None and not found[0].startswith("</"):
            yield _local(named[1]), _attributes(found[0])


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _attributes(tag: str) -> dict[str, str]:
    return {one[1]: one[3][1:-1] for one in _ATTRIBUTE.finditer(tag)}


def clean(text: str, rule: Rule, log: Log, where: str) -> str:
    """As long as before; values that ``rule`` does not let stand are spaces."""
    made: list[str] = []
    open_elements: list[tuple[str, dict[str, str]]] = []
    place = 0
    for found in _TOKEN.finditer(text):
        made.append(_text(text[place : found.start()], open_elements, rule, log, where))
        place = found.end()
        token = found[0]
        named = _NAME.match(token)
        if token.startswith("<![CDATA["):
            made.append("<![CDATA[" + _text(token[9:-3], open_elements, rule, log, where) + "]]>")
        elif token.startswith("<?"):
            made.append(token if token.lower().startswith("<?xml ") else f"<?x{blanked(token[3:-2])}?>")
        elif named is None:
            log.add("text", where)
            made.append(blanked(token) if not token.startswith("<!--") else f"<!--{blanked(token[4:-3])}-->")
        elif token.startswith("</"):
            made.append(token)
            while open_elements and open_elements.pop()[0] != _local(named[1]):
                pass
        else:
            attributes = _attributes(token)
            made.append(_tag(token, _local(named[1]), attributes, rule, log, where))
            if not token.endswith("/>"):
                open_elements.append((_local(named[1]), attributes))
    made.append(_text(text[place:], open_elements, rule, log, where))
    return "".join(made)


def _tag(token: str, name: str, attributes: dict[str, str], rule: Rule, log: Log, where: str) -> str:
    def value(found: re.Match[str]) -> str:
        quote, inner = found[3][0], found[3][1:-1]
        stays = rule(name, attributes, found[1], inner)
        if stays is True or not inner.strip():
            return found[0]
        log.add(kind_of(found[1]), _named(where, f"{name} {_local(found[1])}"))
        return found[1] + found[2] + quote + (stays if isinstance(stays, str) else blanked(inner)) + quote

    head = _NAME.match(token)
    start = head.end() if head is not None else 0
    kept, place = [token[:start]], start
    for found in _ATTRIBUTE.finditer(token, start):
        kept += [_signs(token[place : found.start()]), value(found)]
        place = found.end()
    return "".join([*kept, _signs(token[place:])])


def _signs(text: str) -> str:
    """Between attributes nothing but the end of the tag means anything."""
    return re.sub(r"[^\s/>?]", " ", text)


def _text(text: str, open_elements: list[tuple[str, dict[str, str]]], rule: Rule, log: Log, where: str) -> str:
    if not text.strip(" \t\r\n\0\ufeff"):
        return text
    name, attributes = open_elements[-1] if open_elements else ("", {})
    stays = rule(name, attributes, "", text)
    if stays is True:
        return text
    field = attributes.get("Name", name)
    if isinstance(stays, str):
        return stays
    log.add(kind_of(field), _named(where, field))
    return blanked(text)


def _named(where: str, name: str) -> str:
    name = told(name)
    return f"{where}: {name}" if name else where
