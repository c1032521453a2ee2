"""Is the project laid out as it says? Rooms, sizes, docstrings, notebooks and what a commit may not hold."""

import ast
import inspect
import json
import re
import statistics
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import hpanalysis
from hpanalysis.questions import registry

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "hpanalysis"
MODULES = sorted(path.relative_to(ROOT) for path in PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Who may import whom, inside the package. Everyone may import `errors` and the version.
ROOMS = {
    "errors": set(),
    "sweeps": {"sweeps"},
    "statistics": {"statistics"},
    "style": {"style", "statistics", "sweeps"},
    "design": {"design", "statistics", "sweeps"},
    "questions": {"questions", "design", "statistics", "style", "sweeps"},
    "inquiry": {"inquiry", "questions", "design", "statistics", "style", "sweeps"},
    "views": {"views", "style", "statistics", "sweeps"},
    "reporting": {"reporting", "views", "inquiry", "questions", "design", "statistics", "style", "sweeps"},
    "search": {"search", "statistics", "sweeps"},
    "experiments": {"experiments", "search", "style", "sweeps"},
    "toys": {"toys", "sweeps"},
    "cli": {
        "cli",
        "reporting",
        "inquiry",
        "questions",
        "design",
        "statistics",
        "style",
        "sweeps",
        "experiments",
        "search",
    },
    "__main__": {"cli"},
    "__init__": {"reporting", "views", "inquiry", "questions", "design", "statistics", "style", "sweeps"},
}
# What the room that everything stands on may ask for from outside the standard library.
READERS = {"numpy", "pandas", "pyarrow", "yaml"}
# Slow to import: only where they are used, inside a function.
HEAVY = {"matplotlib", "seaborn", "statsmodels", "sklearn", "papermill", "nbconvert", "nbclient", "torch", "optuna"}
HEAVY |= {"scipy.stats"}
# The folders of questions/, and what they share.
QUESTIONS = {p.name for p in (PACKAGE / "questions").iterdir() if (p / "words.py").is_file()}
SHARED = {"importance_measures": "the measures of importance, disagreement and the best runs"}
LONGEST = 400
TOP_LEVEL = {
    *("notebooks", "hpanalysis", "data", "reports", "tests", "docs", ".ci", ".gitignore"),
    *("environment.yml", "pyproject.toml", "requirements.lock", "Makefile"),
    *("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md"),
}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
PARAMETER = re.compile(r"[a-z]\w*: [\w\[\], |.]+ = .+?  # \S.*")


@cache
def committed() -> tuple[Path, ...]:
    """The files that are, or would be, committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files would be committed")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    files = (Path(name) for name in listed.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in files if (ROOT / path).is_file()))


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imports(module: Path, *, top: bool = False, code: ast.Module | None = None) -> set[str]:
    """Dotted names that a module imports; with `top`, only those that run when it is itself imported."""
    package = module.parts[:-1]
    found = set()
    code = code or tree(module)
    for node in _running_at_import(code) if top else ast.walk(code):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{origin}.{alias.name}" for alias in node.names}
    return found


def _running_at_import(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _running_at_import(child)


def room(module: Path) -> str:
    return module.with_suffix("").parts[1]


def test_there_are_modules_and_notebooks_to_look_at():
    assert len(MODULES) >= 20
    assert [path.name for path in NOTEBOOKS][:4] == [
        *("00-the-sweep.ipynb", "01-augmentation.ipynb"),
        *("02-optimizer-batch-size.ipynb", "03-activation.ipynb"),
    ]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_the_rooms_to_its_left(module):
    assert room(module) in ROOMS, f"{module} is in no known room"
    for name in imports(module):
        if name.split(".")[0] != "hpanalysis" or name in {"hpanalysis.__version__", "hpanalysis.errors"}:
            continue
        neighbour = (name.split(".") + ["__init__"])[1]
        assert neighbour in ROOMS[room(module)] | {"errors"}, f"{module} imports {name}"


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) == "sweeps"], ids=str)
def test_the_first_room_needs_only_tables(module):
    outside = {name.split(".")[0] for name in imports(module)} - {"hpanalysis"}
    assert outside - set(sys.stdlib_module_names) <= READERS


def asked_of_others(module: Path, code: ast.Module | None = None) -> set[str]:
    """The questions that a module of one question imports and should not."""
    own = module.parts[2]
    reached = {name.split(".")[2] for name in imports(module, code=code) if name.startswith("hpanalysis.questions.")}
    return reached & QUESTIONS - {own}


ASKING = [m for m in MODULES if room(m) == "questions" and len(m.parts) > 3]


@pytest.mark.parametrize("module", ASKING, ids=str)
def test_a_question_never_imports_another(module):
    assert not asked_of_others(module), f"{module} imports {sorted(asked_of_others(module))}"


@pytest.mark.parametrize(
    "line",
    [
        "from hpanalysis.questions.winner.ask import winner",
        "from hpanalysis.questions.winner import ask",
        "from ..winner.ask import winner",
        "def late():\n    import hpanalysis.questions.winner.ask",
    ],
)
def test_a_question_that_imported_another_would_be_seen(line):
    path = Path("hpanalysis", "questions", "contrast", "ask.py")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert asked_of_others(path, ast.parse(f"{text}\n\n{line}\n")) == {"winner"}


def test_folder_registry_and_public_function_share_their_name():
    listed = {name for name, question in registry.QUESTIONS.items() if question.room == "hpanalysis.questions"}
    # A sweep can be drawn and summed up too, but it is no answer.
    assert listed == QUESTIONS - {"sweep"}
    assert set(registry.QUESTIONS) <= set(hpanalysis.__all__)
    others = {p.name for p in (PACKAGE / "questions").iterdir() if p.is_dir() and p.name != "__pycache__"} - QUESTIONS
    assert others == set(SHARED)


@pytest.mark.parametrize("name", sorted(registry.QUESTIONS))
def test_a_question_has_its_three_modules(name):
    question = registry.QUESTIONS[name]
    ask = import_module(f"{question.room}.{name}.ask")
    assert inspect.isfunction(getattr(ask, name)) and getattr(hpanalysis, name) is getattr(ask, name)
    assert callable(question.words.table) and callable(question.words.summary) and callable(question.picture.draw)
    assert hasattr(question.words, "findings") == question.finds
    assert bool(question.share) == (hasattr(ask, "claims") and hasattr(question.words, "render"))


def test_nothing_but_the_registry_decides_by_the_name_of_a_question():
    """A comparison with, or a look-up by, the name of a question is a dispatch that a new question would miss."""
    names = set(registry.QUESTIONS)
    for module in MODULES:
        if module == Path("hpanalysis/questions/registry.py"):
            continue
        for node in ast.walk(tree(module)):
            compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            about = any(isinstance(x, ast.Attribute) and x.attr == "question" for x in compared)
            about |= any(isinstance(x, ast.Name) and x.id == "question" for x in compared)
            texts = {x.value for part in compared for x in ast.walk(part) if isinstance(x, ast.Constant)}
            assert not (about and texts & names), f"{module}:{node.lineno} compares a question with {texts & names}"


def test_no_module_imports_itself_in_a_circle():
    """Imports that run when a module is imported; those inside functions and for types alone cannot hang."""
    known = {".".join(m.with_suffix("").parts).removesuffix(".__init__"): m for m in MODULES}
    graph = {}
    for name, module in known.items():
        reached = set()
        for dotted in imports(module, top=True):
            parts = dotted.split(".")
            while parts and ".".join(parts) not in known:
                parts.pop()
            reached.add(".".join(parts))
        graph[name] = reached - {name, "hpanalysis", ""}
    assert not list(circles(graph))


def circles(graph: dict[str, set[str]]):
    """Circles of a graph, one each: what is left when all that reaches nothing more is taken away."""
    left = {name: set(reached) for name, reached in graph.items()}
    while free := [name for name, reached in left.items() if not reached & set(left)]:
        for name in free:
            del left[name]
    if left:
        yield sorted(left)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_slow_libraries_are_imported_where_they_are_used(module):
    material = {"torch"} if room(module) == "experiments" else {"optuna"} if module.stem == "optuna_sampler" else set()
    names = {n for n in imports(module, top=True) if n.split(".")[0] != "hpanalysis"}
    heavy = {n for n in names for h in HEAVY - material if n == h or n.startswith(f"{h}.")}
    assert not heavy, f"{module} imports {sorted(heavy)} at its top"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_is_short_and_says_what_it_is_for(module):
    lines = (ROOT / module).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST, f"{module} has {len(lines)} lines"
    doc = ast.get_docstring(tree(module)) or ""
    assert len(doc) >= 20, f"{module} does not say what it is for"


def test_no_top_level_room_bears_the_name_of_a_public_function():
    """A submodule of the package would hide the function of its name."""
    rooms = {module.with_suffix("").parts[1] for module in MODULES}
    functions = {name for name in hpanalysis.__all__ if not inspect.ismodule(getattr(hpanalysis, name))}
    assert functions < set(hpanalysis.__all__) and not rooms & functions


def test_the_map_of_the_package_names_all_that_is_public():
    rooms = hpanalysis.__doc__.partition("In use::")[0]
    named = {*re.findall(r"\w+", rooms), "UserError"}
    assert not set(hpanalysis.__all__) - named


@pytest.mark.parametrize("name", [n for n in hpanalysis.__all__ if inspect.isfunction(getattr(hpanalysis, n))])
def test_a_public_function_says_what_it_takes_and_what_comes_back(name):
    doc = getattr(hpanalysis, name).__doc__
    assert "\n    Parameters\n    -----" in doc and "\n    Returns\n    -----" in doc


def test_the_notebook_about_the_winner_puts_its_title_question_into_its_findings():
    """Who may be the best, and each value after tuning, stand beside the proposal."""
    (notebook,) = [path for path in NOTEBOOKS if path.stem.endswith("winner-and-next")]
    (told,) = [source(cell) for cell in cells(notebook, "code") if source(cell).startswith("found = ")]
    assert all(f"hp.findings({answer})" in told for answer in ("won", "isolated", "answer"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_only_commands_print(module):
    text = (ROOT / module).read_text(encoding="utf-8")
    if room(module) in {"cli", "experiments"} or 'if __name__ == "__main__"' in text:
        return
    calls = [n for n in ast.walk(tree(module)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    lines = [call.lineno for call in calls if call.func.id == "print"]
    assert not lines, f"{module} prints in line {lines}: return it, or make it a caveat"


def test_nothing_else_lies_at_the_top():
    entries = {path.parts[0] for path in committed()}
    assert entries <= TOP_LEVEL, f"a newcomer would ask about {sorted(entries - TOP_LEVEL)}"
    assert TOP_LEVEL - entries <= {"docs"}, f"missing: {sorted(TOP_LEVEL - entries)}"


def test_no_file_names_a_path_of_a_machine_or_the_address_of_an_index():
    folders = "|".join(["home", "root", "work", "Users", "tmp/ipykernel"])
    machine = re.compile(rf"(?<![\w.~*-])/(?:{folders})[/_][\w.-]")
    index = re.compile(r"--(?:extra-)?index-url|https?://[^\s\"']*/simple(?:/|\b)")
    for path in committed():
        data = (ROOT / path).read_bytes()
        if b"\0" in data[:8192] or path == Path("tests/test_layout.py"):
            continue
        text = data.decode("utf-8", errors="replace")
        for pattern in (machine, index):
            hit = pattern.search(text)
            assert hit is None, f"{path} holds {text[max(hit.start() - 20, 0) : hit.end() + 20]!r}"


def test_no_committed_file_is_large():
    large = {str(path): size for path in committed() if (size := (ROOT / path).stat().st_size) > 5_000_000}
    assert not large


def test_nothing_is_left_open_in_the_code():
    left_open = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|X" + r"XX)\b|NotImplemented" + "Error")
    for path in committed():
        if path.suffix in {".py", ".ipynb"}:
            # A picture is letters at random, and may spell anything.
            text = re.sub(r'"image/png": (?:"[^"]*"|\[[^]]*])', "", (ROOT / path).read_text(encoding="utf-8"))
            hit = left_open.search(text)
            assert hit is None, f"{path} has a {hit.group()}"


def cells(notebook: Path, kind: str | None = None) -> list[dict]:
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if kind in (None, cell["cell_type"])]


def source(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    """The anatomy of a notebook: a reader on a code host sees a question and its answers, and little code."""

    def test_its_title_is_a_question(self, notebook):
        first = cells(notebook)[0]
        assert first["cell_type"] == "markdown"
        title = source(first).splitlines()[0]
        assert title.startswith("# ") and title.rstrip().endswith("?"), title

    def test_it_is_short(self, notebook):
        assert len(cells(notebook)) <= 18
        lengths = [len(source(cell).splitlines()) for cell in cells(notebook, "code")]
        assert statistics.median(lengths) <= 3
        assert max(lengths) <= 10

    def test_it_answers_first(self, notebook):
        """What follows the parameters says the answer in sentences, and shows it in one picture."""
        first, *outputs = cells(notebook, "code")[1]["outputs"]
        assert "".join(first["data"]["text/plain"]).rstrip().endswith((".", ".)"))
        assert len([out for out in outputs if "image/png" in out["data"]]) == 1
        assert [cell["cell_type"] for cell in cells(notebook)[:3]] == ["markdown", "code", "code"]

    def test_no_text_of_it_holds_a_result(self, notebook):
        """The same text stands above the numbers of another sweep."""
        prose = " ".join(source(cell) for cell in cells(notebook, "markdown")[1:])
        shipped = {"cifar10", "mnist", "digits", "notmnist", "rmsprop", "sigmoid", "val_accuracy"}
        assert not shipped & set(re.findall(r"\w+", prose))
        assert not re.findall(r"\d[.,]?\d* (?:points|runs|times)\b", prose)

    def test_it_defines_nothing(self, notebook):
        for cell in cells(notebook, "code"):
            defined = [n.name for n in ast.walk(ast.parse(source(cell))) if isinstance(n, DEFINITIONS)]
            assert not defined, f"{defined} belongs in the package"

    def test_no_cell_ends_in_a_semicolon(self, notebook):
        """nbval runs cells without history, where a semicolon silences nothing: give the value a name."""
        assert not [source(cell) for cell in cells(notebook, "code") if source(cell).rstrip().endswith(";")]

    def test_its_formulas_are_plain_text(self, notebook):
        """A report loads nothing from elsewhere, so that nothing would set LaTeX."""
        assert not [source(cell) for cell in cells(notebook, "markdown") if "$" in source(cell)]

    def test_its_parameters_are_typed_and_explained(self, notebook):
        tagged = [c for c in cells(notebook, "code") if "parameters" in c["metadata"].get("tags", [])]
        assert len(tagged) == 1
        for line in source(tagged[0]).splitlines():
            assert PARAMETER.fullmatch(line), f"not `name: type = value  # comment`: {line}"

    def test_what_is_asked_of_shuffled_runs_is_tagged_as_chance(self, notebook):
        """A report keeps what such a cell shows out of its findings."""
        shuffled = [c for c in cells(notebook, "code") if "permuted(" in source(c)]
        assert [c for c in cells(notebook, "code") if "chance" in c["metadata"].get("tags", [])] == shuffled

    def test_every_code_cell_was_run_and_none_failed(self, notebook):
        for number, cell in enumerate(cells(notebook, "code")):
            assert cell["execution_count"] == number + 1, f"code cell {number} was not run in order"
            assert not [out for out in cell["outputs"] if out["output_type"] == "error"]

    def test_nothing_came_on_its_standard_error(self, notebook):
        for cell in cells(notebook, "code"):
            assert not [out for out in cell["outputs"] if out.get("name") == "stderr"], source(cell)

    def test_papermill_left_no_trace(self, notebook):
        metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
        assert "papermill" not in metadata
        assert not [cell for cell in cells(notebook) if "papermill" in cell["metadata"]]
        assert not [c for c in cells(notebook) if "injected-parameters" in c["metadata"].get("tags", [])]
