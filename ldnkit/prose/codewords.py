"""Words that the code of a notebook shows: printed sentences, titles, hints of exercises.

Only texts that nothing else reads are given to translators: what ``print`` shows, what is kept
under one of :data:`NAMES` for :func:`ldnkit.exercises.check` or a figure, and whole sentences that
get a name. Names of columns and keys of tables stay, since code looks things up by them; a whole
sentence must not be one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ldnkit.prose.markdown import WORD

#: Names and keywords that hold texts for readers.
NAMES = frozenset({"advice", "feedback", "hint", "hints", "said", "title", "told"})
#: A text in quotation marks on one line, with nothing in it that ends it; line breaks before and
#: after it stay.
LITERAL = re.compile(r"""([fF]?)(["'])(?:\\n)*((?:(?!\2|\\|\n).)*)(?:\\n)*\2""")
#: Commands that take a text as it is, in a place where NAMES are given a value.
PASSING = frozenset({"check", "dict", "fromkeys", "update"})


@dataclass(frozen=True)
class Piece:
    """One text in code: its words, where they begin and end, its quotation mark, and f or not."""

    text: str
    start: int
    end: int
    mark: str
    computed: bool


def texts(code: str) -> Iterator[str]:
    """The texts of code that readers see.

    Examples
    --------
    >>> list(texts("print(f'{area:,.1f} km² of land')\\nrow = table.loc['total land']"))
    ['{area:,.1f} km² of land']
    """
    return (piece.text for piece in pieces(code) if _has_words(piece))


def rebuild(code: str, said: Callable[[str], str | None]) -> str:
    """Code with other words; nothing but the words of readers changes.

    Parameters
    ----------
    code : str
        The source of a cell.
    said : callable
        Gets a text; gives the other one, or None to keep it.

    Returns
    -------
    str

    Examples
    --------
    >>> rebuild('print("It is dry.")', lambda text: "C'est \\\\"sec\\\\".")
    'print("C\\'est ”sec”.")'
    """
    parts, done = [], 0
    for piece in filter(_has_words, pieces(code)):
        new = said(piece.text)
        if new is None or fields(new) != fields(piece.text) or _has_single_braces(new):
            continue
        parts += [code[done : piece.start], _quoted(new, piece.mark)]
        done = piece.end
    return "".join([*parts, code[done:]])


def fields(text: str) -> list[str]:
    """What a text computes, sorted: ``{area:,.1f}``.

    Examples
    --------
    >>> fields("{b} of {a['x']:.1f} km²")
    ["{a['x']:.1f}", '{b}']
    """
    return sorted(part for part, computed in _split(text) if computed)


def pieces(code: str) -> list[Piece]:
    """The texts of code that readers see, with their places, in order."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a line for the notebook itself, such as %matplotlib
        return []
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    starts = [0]
    for line in code.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if not (text or isinstance(node, ast.JoinedStr)) or not _is_shown(node, above):
            continue
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        first, last = (len(code.encode()[:place].decode()) for place in (first, last))
        literal = LITERAL.fullmatch(code[first:last])
        if literal:
            text, start = literal[3].strip(), first + literal.start(3)
            start += literal[3].index(text)  # the spaces around a text are no words
            found.append(Piece(text, start, start + len(text), literal[2], bool(literal[1])))
    return sorted(found, key=lambda piece: piece.start)


def _is_shown(node, above) -> bool:
    """Whether readers see a text, and no code compares it or looks something up by it."""
    words = getattr(node, "value", None)
    is_sentence = isinstance(words, str) and words.endswith(".") and words.count(" ") > 2
    up = node
    while up in above and not isinstance(up, ast.stmt):
        up = above[up]
        if isinstance(up, (ast.JoinedStr, ast.comprehension, ast.Lambda)):
            return False
    while node in above:
        child, node = node, above[node]
        if isinstance(node, (ast.Subscript, ast.Compare, ast.Attribute)):
            return False
        if isinstance(node, ast.Dict) and child in node.keys:
            return False
        if isinstance(node, ast.IfExp) and child is node.test:
            return False
        if isinstance(node, ast.keyword) and node.arg in NAMES:
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "print":
                return True
            if name not in PASSING or (name == "fromkeys" and child is node.args[0]):
                return False
        if isinstance(node, ast.Assign):
            return is_sentence or any(_name(target) in NAMES for target in node.targets)
        if isinstance(node, ast.stmt):
            return False
    return False


def _name(target) -> str:
    while isinstance(target, ast.Subscript):
        target = target.value
    return getattr(target, "id", "")


def _has_single_braces(text: str) -> bool:
    """Whether a brace neither opens a computed part nor is doubled."""
    words = "".join(part for part, computed in _split(text) if not computed)
    return bool(set("{}") & set(words.replace("{{", "").replace("}}", "")))


def _has_words(piece: Piece) -> bool:
    """Whether there is something to translate; one bare word may be a key."""
    words = [part for part, computed in _split(piece.text) if not (computed and piece.computed)]
    return bool(WORD.search(" ".join(words))) and not piece.text.isidentifier()


def _split(text: str) -> list[tuple[str, bool]]:
    """A text as parts, with whether each is computed; {{ and }} are signs."""
    parts, depth, here = [], 0, ""
    for place, sign in enumerate(text):
        beside = (text[place - 1 : place], text[place + 1 : place + 2])
        doubled = depth == 0 and sign in "{}" and sign in beside
        if sign == "{" and not doubled:
            if depth == 0:
                parts, here = [*parts, (here, False)], ""
            depth += 1
        here += sign
        if sign == "}" and depth and not doubled:
            depth -= 1
            if depth == 0:
                parts, here = [*parts, (here, True)], ""
    return [(part, computed) for part, computed in [*parts, (here, False)] if part]


def _quoted(text: str, mark: str) -> str:
    """Words between quotation marks of code: the same marks in the words become typographic."""
    other = {'"': "”", "'": "’"}[mark]
    return "".join(
        part if computed else " ".join(part.replace("\\", "").replace(mark, other).split("\n"))
        for part, computed in _split(text)
    )
