"""Collect the English messages of the package in ``ldnkit/data/messages.csv``.

Run: ``python tests/tools/build_messages.py``.

Every text that a reader may meet is a template: what the code inserts is ``{0}``, ``{1}`` …
New templates get a row with empty translations, templates that are gone lose theirs, and
translations of the others stay as they are.
A text is a message unless a rule below says that it is none.
"""

from __future__ import annotations

import ast
import csv
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

HOUSE = Path(__file__).parents[2]
PACKAGE = HOUSE / "ldnkit"
FILE = PACKAGE / "data" / "messages.csv"
COLUMNS = ("en", "fr", "es", "ru", "ar", "zh", "reviewed", "source")
#: Stands for what the code inserts into a text.
HOLE = None
#: What a text of the code gets later, by ``format``.
LATER = re.compile(r"(\{plain\}|\{point\}|\{whole\})")
#: A text that ends so is continued by a list of names.
OPEN = re.compile(r" (of|among|and|and a column|or one of|target)$")
#: More ways than these to put a text together are a reason to write it more simply.
MOST_WAYS = 32

#: Modules without messages: training data, texts of files, help of the command line, names that
#: another program expects, functions whose errors speak to who writes the code.
NOT_THESE = re.compile(
    r"ldnkit/(__main__|findings|form_fields|areas|blocks|charts|drought|drought_\w+|figures|labels|landcover"
    r"|overlays|productivity|productivity_kernels|plans/land|population_kernels"
    r"|country_file/(text|new)|sources/(landia\w*|sample\w*)|prais/trends_earth\w*|webpage"
    r"|sources/earthengine/(soil|productivity|drought|landcover|degradation)|prose/\w+|site/\w+|kit/\w+|data/kit/\w+)\.py"
)
#: Modules whose plain errors an officer meets; elsewhere they speak to who writes the code.
TOLD = re.compile(
    r"ldnkit/(country|population|population_districts|boundaries|outlines|runner|templates|table_picker|widgets|findings"
    r"|country_file/\w+|narrative/\w+|prais/(answers|builder|writers|report)|sources/.*|handover/.*"
    r"|earthengine/.*|provenance.*)\.py"
)
#: Errors that an officer meets wherever they are raised.
TOLD_ERRORS = {
    *("InputError", "FileNotFoundError", "FileExistsError", "PermissionError", "ConnectionError"),
    *("OSError", "TimeoutError"),
}
#: Calls of patterns, whose texts are not for readers.
PATTERN_CALLS = {"compile", "fullmatch", "match", "search", "sub", "findall", "finditer"}
#: Other calls whose texts are not for readers.
SILENT_CALLS = {
    *(
        "split",
        "partition",
        "query",
        "eval",
        "filterwarnings",
        "simplefilter",
        "getattr",
        "hasattr",
        "import_module",
        "strftime",
    ),
    *("rpartition", "removeprefix", "removesuffix", "startswith", "endswith", "legend"),
    *("add_argument", "ArgumentParser", "add_parser", "label", "wording", "translate", "HTML"),
    *("execute", "get", "encode", "set_footer", "Field"),
}
#: Where texts of one word are messages: the call, and the first argument that is one.
TOLD_CALLS = {"Finding": 2, "breach": 3, "problem": 1, "_finding": 2, "_remark": 2}
TOLD_CALLS |= {"add": 2, "add_cell": 2}
#: Names whose texts of one word are messages.
TOLD_NAMES = {"found", "expected", "remedy"}
#: Words that the code puts together: places in files, words of lists, subjects of the doctor.
WORDS = (
    *("line {0}", "lines {0}", "row {0}", "rows {0}", "column {0}", "columns {0}", "sheet {0}"),
    *("{0} line {1}", "{0} lines {1}", "{0} row {1}", "{0} rows {1}", "{0} column {1}"),
    *("{0} line {1}, column {2}", "{0} row {1}, column {2}", "{0} rows {1}, column {2}"),
    *("{0} lines {1}, column {2}", "{0} line {1}: {2}", "line", "row", "nothing", "none"),
    *("a time", "unknown", "Did you mean {0}?", "Use one of {0}.", "one of {0}"),
    *("{0} entry {1}", "{0} entries {1}", "{0} to {1}", "{0} years", "{0} months"),
    *("month", "months", "day", "days"),
    *("{0} … ({1} in all)", "Disk", "Memory", "Packages", "Speed", "Folder", "repayments"),
)
#: Texts with spaces that nobody reads, or that are the same in every language.
NOT_MESSAGES = re.compile(
    "|".join(
        (
            r"^(\W|km²|\{\d+\}|or|and|to|ha|km|mm|USD|UTF-8|EPSG:4326|Landia|PROJ|GDAL|numba)*$",
            # marks of HTML, code, queries and patterns
            r"[<]|==|>=|^rgb|^[\w.]+\(|^not browser|^\+proj|xmlns|^--|^\(\?|\\d|^charset",
            r"^(SELECT|CREATE|INSERT|UPDATE|DELETE|PRAGMA|DROP) ",
            # fonts, styles and places of figures and documents
            r"\bSC\b|DejaVu|^(outside|offset|hidden) \w+|^(Arial|Google|Hiragino|Microsoft) ",
            r"^(PingFang|Source Han|WenQuanYi)|^(Contents|Heading|List|Table) [A-Za-z\d{}]+$",
            r"^TOC |^Notice |^image/|\{\{ [\w-]+: [^{}]*;? \}\}",
            # units as files write them, words of YAML
            r"^(kg m-2|m (of )?water( equivalent)?|mm? per day|mm of water)$",
            r"^(details: \||key: value|mapping values)$|^ldnkit |null {4}#|^: ",
            # words and patterns of code
            r"^(info|warning|error|row wrap)$|\w\|[\w{]|^(class|id)=|^[\w-]+:[^ ]+;",
            # keys of the country file
            r"^(\{0\}: )?(finance|soil|targets|population|vulnerability|statistics|land_cover|grid"
            r"|drought|species|narrative|trends|key_biodiversity_areas|parameters)(: |\.|$)",
        )
    )
)
WORD = re.compile(r"[A-Za-z]{2,}")
PROSE = re.compile(r"(?<![\w.{/])[a-z]{2,}(?![\w(=/])|[A-Z][a-z]+ [a-z]+|[A-Z][a-z]{2,}\b")


def templates() -> dict[str, set[str]]:
    """Every message of the package as a template, with the modules it stands in."""
    found: dict[str, set[str]] = {word: {"words"} for word in WORDS}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if NOT_THESE.fullmatch(name):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = name.removeprefix("ldnkit/").removesuffix(".py").replace("/", ".")
        for parts, alone in _Reader(bool(TOLD.fullmatch(name))).texts(tree):
            if NOT_MESSAGES.search(template(parts)):
                continue
            for line in _lines(parts):
                text = template(line).strip()
                if OPEN.search(text):
                    text += f" {{{sum(part is HOLE for part in line)}}}"
                if _is_message(text, line, alone):
                    found.setdefault(text, set()).add(module.removesuffix(".__init__"))
    return found


def _lines(parts) -> Iterator[tuple]:
    """The parts of every line of a text, without blanks at its ends."""
    lines = [[]]
    for part in _with_later(parts):
        first, *others = [part] if part is HOLE else part.split("\n")
        lines[-1].append(first)
        lines += [[other] for other in others]
    for line in lines:
        kept = [part for part in line if part != ""]
        if kept and kept[0] is not HOLE:
            kept[0] = kept[0].lstrip()
        if kept and kept[-1] is not HOLE:
            kept[-1] = kept[-1].rstrip()
        yield tuple(part for part in kept if part != "")


def _with_later(parts) -> Iterator:
    for part in parts:
        if part is HOLE:
            yield part
        else:
            yield from (HOLE if n % 2 else one for n, one in enumerate(re.split(LATER, part)))


def template(parts) -> str:
    """Parts of a text as a template; braces of the text itself are doubled.

    Examples
    --------
    >>> template(("no map of ", None, " in {year}"))
    'no map of {0} in {{year}}'
    """
    numbers = itertools.count()
    return "".join(
        f"{{{next(numbers)}}}" if part is HOLE else part.replace("{", "{{").replace("}", "}}")
        for part in parts
    )


def _is_message(text: str, parts, alone: bool) -> bool:
    literal = " ".join(part for part in parts if part is not HOLE)
    if not literal.strip() or NOT_MESSAGES.search(text.strip()):
        return False
    if alone:
        return bool(re.fullmatch(r"[A-Za-z][a-z]{2,}|an? \w+", literal.strip())) or _is_prose(text)
    return _is_prose(text)


def _is_prose(text: str) -> bool:
    """Several words, or a word and something inserted, with a space between them."""
    bare = re.sub(r"\{\d+\}", "0", text)
    words = WORD.findall(re.sub(r"\{\{.*?\}\}", "", text))
    return bool(words and " " in bare.strip() and len(bare.split()) > 1 and PROSE.search(text))


# ------------------------------------------------------------------ reading code
class _Reader:
    """Texts of one module: their parts, and whether a single word counts there."""

    def __init__(self, told: bool):
        self.told = told
        #: Texts that local names hold, to be continued by ``+=``.
        self.names: dict[str, list[tuple]] = {}

    def texts(self, node: ast.AST, *, alone: bool = False) -> Iterator[tuple[tuple, bool]]:
        if _is_silent(node, self.told):
            return
        if isinstance(node, ast.FunctionDef):
            self.names = {}
        if isinstance(node, ast.AugAssign) and self._continued(node):
            yield from ((way, False) for way in self.names[node.target.id])
            for inserted in _inserted(node.value):
                yield from self.texts(inserted)
            return
        if isinstance(node, ast.Assign):
            self._assigned(node)
        if _is_text(node):
            ways = alternatives(node, self.names)
            _few(ways, node)
            yield from ((way, alone) for way in ways)
            for inserted in _inserted(node):
                yield from self.texts(inserted)
            return
        body = getattr(node, "body", None)
        for child in ast.iter_child_nodes(node):
            if isinstance(body, list) and body and child is body[0] and _is_docstring(node, child):
                continue
            if isinstance(child, ast.Constant) and isinstance(node, ast.Subscript | ast.Compare):
                continue
            yield from self.texts(child, alone=_tells(node, child))

    def _assigned(self, node: ast.Assign) -> None:
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for name, value in pairs:
                if isinstance(name, ast.Name):
                    self.names.pop(name.id, None)
                    if _is_text(value):
                        self.names[name.id] = alternatives(value, self.names)

    def _continued(self, node: ast.AugAssign) -> bool:
        """A text that ``+=`` makes longer; before it the text may be told as it is."""
        name = getattr(node.target, "id", "")
        if not (isinstance(node.op, ast.Add) and name in self.names and _is_text(node.value)):
            return False
        longer = _joined([self.names[name], alternatives(node.value, self.names)])
        self.names[name] = list(dict.fromkeys([*self.names[name], *longer]))
        _few(self.names[name], node)
        return True


def _few(ways, node) -> None:
    if len(ways) > MOST_WAYS:
        raise ValueError(
            f"Too many ways to put a text together: found {len(ways)} in line {node.lineno}; "
            "write whole sentences."
        )


def _is_docstring(node, first) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return isinstance(node, kinds) and is_text


def _is_silent(node, told: bool) -> bool:
    """Whether nothing below a node is for readers."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return _called(node.exc) not in TOLD_ERRORS and not told
    if isinstance(node, ast.arg | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
        return True
    if not isinstance(node, ast.Call):
        return False
    owner = getattr(node.func, "value", None)
    name = getattr(owner, "id", getattr(owner, "attr", ""))
    of_pattern = name in ("re", "str") or name.isupper()
    return _called(node) in SILENT_CALLS or (of_pattern and _called(node) in PATTERN_CALLS)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _tells(node, child) -> bool:
    """Whether a single word in this place is a message."""
    if isinstance(node, ast.Call) and _called(node) in TOLD_CALLS:
        return child in node.args[TOLD_CALLS[_called(node)] :]
    if isinstance(node, ast.keyword):
        return node.arg in TOLD_NAMES
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id in TOLD_NAMES for t in node.targets)
    return False


def _is_text(node) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr) or _is_format(node)


def _is_format(node) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
        and isinstance(node.func.value, ast.Constant)
    )


def alternatives(node, names: Mapping[str, list[tuple]] = MappingProxyType({})) -> list[tuple]:
    """Every way a text may read: its parts, with ``None`` for what is inserted.

    Examples
    --------
    >>> code = "f'no map of {year}; it stands for ' + ('them' if several else 'it')"
    >>> for parts in alternatives(ast.parse(code, mode="eval").body):
    ...     print(template(parts))
    no map of {0}; it stands for them
    no map of {0}; it stands for it
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [(node.value,)]
    if isinstance(node, ast.JoinedStr):
        is_inserted = [isinstance(part, ast.FormattedValue) for part in node.values]
        pairs = zip(node.values, is_inserted, strict=True)
        return _joined([alternatives(part.value if inner else part) for part, inner in pairs])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_text(node):
        return _joined([alternatives(side, names) for side in (node.left, node.right)])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _is_text(node.left):
        return [*alternatives(node.left), ()]
    if isinstance(node, ast.IfExp) and _is_text(node):
        ways = alternatives(node.body, names) + alternatives(node.orelse, names)
        return list(dict.fromkeys(ways))
    if _is_format(node):
        parts = re.split(r"(\{[^{}]*\})", node.func.value.value)
        return [tuple(HOLE if number % 2 else part for number, part in enumerate(parts) if part)]
    return names.get(getattr(node, "id", ""), [(HOLE,)])


def _joined(columns: list[list[tuple]]) -> list[tuple]:
    return [sum(way, ()) for way in itertools.product(*columns)]


def _inserted(node) -> Iterator[ast.AST]:
    """What a text inserts, without the texts that are parts of it."""
    if isinstance(node, ast.JoinedStr):
        sides = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    elif isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
    elif isinstance(node, ast.IfExp):
        sides = [node.body, node.orelse]
    else:
        sides = [keyword.value for keyword in getattr(node, "keywords", ())]
    for side in sides:
        yield from _inserted(side) if _is_text(side) else [side]


# ------------------------------------------------------------------ the table
def read() -> dict[str, dict[str, str]]:
    """The rows of the table by their English text."""
    if not FILE.is_file():
        return {}
    with FILE.open(encoding="utf-8", newline="") as stream:
        return {row["en"]: row for row in csv.DictReader(stream)}


def updated(known: dict[str, dict[str, str]], found: dict[str, set[str]]) -> list[dict[str, str]]:
    """Rows of the table after a change of the code, in the order of the English text."""
    rows = []
    for text in sorted(found, key=lambda text: (text.casefold(), text)):
        row = known.get(text) or dict.fromkeys(COLUMNS, "") | {"en": text, "reviewed": "no"}
        rows.append(row | {"source": " ".join(sorted(found[text]))})
    return rows


def write(rows: list[dict[str, str]]) -> None:
    """Write the table beside the old one, then in its place."""
    part = FILE.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(FILE)


if __name__ == "__main__":
    before, now = read(), templates()
    write(updated(before, now))
    print(f"{len(now)} templates: {len(now.keys() - before)} new, {len(before.keys() - now)} gone")
