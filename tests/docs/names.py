"""Names in the documents, each looked up where it should exist. Every function lists the names that do not."""

import ast
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path, PurePosixPath

from pipelines.cli import COMMANDS, load_command
from serving.settings import PREFIX, Settings
from tests.conftest import REPOSITORY
from tests.docs.markdown import blocks, shell_lines, spans

DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")], key=lambda path: path.relative_to(REPOSITORY)
)
PACKAGES = ("benchmarks", "data_contracts", "features", "models", "pipelines", "serving", "tests", "whylead")
OURS = re.compile(rf"(?<![\w/])(?:{'|'.join((*PACKAGES, 'docs', 'notebooks', 'requirements'))})/[\w.,{{}}*/-]+")
FILE = re.compile(r"(?<![\w/:.*-])[\w.*-]+(?:/[\w.*-]+)*\.(?:py|md|ipynb|svg|toml|html|json|yaml|parquet|csv|png)\b")
MODULE = re.compile(rf"(?<![\w./])(?:{'|'.join(PACKAGES)})(?:\.\w+)+(?!/)")
IDENTIFIER = re.compile(r"(?:[A-Z][A-Z_]{3,}|[A-Z][a-z]+[A-Z]\w+|test_\w+)")
VARIABLE = re.compile(r"\bWHYLEAD_[A-Z_]*[A-Z]\b")
# Files of the reader, in examples.
EXAMPLES = {"mine.yaml", "my-crm.yaml", "our-agreement.yaml", "scores.parquet", "companies.xlsx"}
# Variables, values and options that are not ours.
FOREIGN_NAMES = {"MLFLOW_TRACKING_URI", "NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE", "SOFTWARE"}
FOREIGN_OPTIONS = {"--compile-bytecode", "--backend-store-uri", "--env-manager"}


@cache
def tracked() -> tuple[PurePosixPath, ...]:
    """The files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return tuple(PurePosixPath(line) for line in listed.stdout.splitlines() if (REPOSITORY / line).exists())


@cache
def source(*folders: str) -> str:
    """The text of Python files and templates in these folders, but for these tests, which name what does not exist."""
    suffixes = (".py", ".ipynb", ".j2")
    files = [path for path in tracked() if path.parts[0] in folders and path.suffix in suffixes]
    files = [path for path in files if path.parts[:2] != ("tests", "docs")]
    return "\n".join((REPOSITORY / path).read_text(encoding="utf-8") for path in files)


def unknown_paths(text: str) -> list[str]:
    """Paths in code spans that are neither in the repository nor written by a command."""
    named = {path for span in spans(text) if not span.startswith(("http", "whylead ")) for path in _paths(span)}
    return sorted(path for path in named if not _exists(path))


def _paths(span: str) -> set[str]:
    if re.search(r"\w:/", span) or (" " in span.strip() and not OURS.search(span)):
        return set()
    found = {match.rstrip(".,") for match in OURS.findall(span)}
    return found or {match for match in FILE.findall(span) if Path(match).name not in EXAMPLES}


def _exists(path: str) -> bool:
    pattern = re.sub(r"\b[A-Z]{2,}\b|[A-Z]{2,}(?=_)", "*", path) if "README" not in path else path
    if pattern != path and not OURS.match(path):
        return True  # the name of a file that depends on the reader's data, such as leads/ID.html
    return all(_one_exists(each) for each in _alternatives(pattern))


def _alternatives(pattern: str) -> list[str]:
    braces = re.search(r"\{(.*?)\}", pattern)
    if braces is None:
        return [pattern]
    return [pattern.replace(braces[0], each) for each in braces[1].split(",")]


def _one_exists(pattern: str) -> bool:
    if OURS.match(pattern):
        return any(REPOSITORY.glob(pattern.rstrip("/")))
    if any(path.match(pattern) for path in tracked()):
        return True
    file, written = PurePosixPath(pattern), source("pipelines", "models", "data_contracts", "benchmarks")
    return file.name in written or (f'"{file.stem}"' in written and f"{file.suffix}" in written)


def unknown_modules(text: str) -> list[str]:
    """Dotted names of ours that are no module, no name in a module, and no key of params.yaml."""
    code = [*spans(text), *(content for _, content in blocks(text))]
    named = {name for each in code for name in MODULE.findall(each)}
    return sorted(name for name in named if not (_is_module(name) or name in params_keys()))


def _is_module(name: str) -> bool:
    *parts, last = name.split(".")
    path = REPOSITORY.joinpath(*parts, last)
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    folder = REPOSITORY.joinpath(*parts)
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return file.exists() and last in _definitions(file.read_text(encoding="utf-8"))


def _definitions(code: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def unknown_identifiers(text: str) -> list[str]:
    """Classes, constants and tests in code spans that no file of ours has, and `NAME` in `FILE` where FILE lacks it."""
    code = source(*PACKAGES) + (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = {span.partition(".")[0].partition("(")[0] for span in spans(text) if IDENTIFIER.match(span)}
    single = {name for name in named if IDENTIFIER.fullmatch(name) and not name.startswith(PREFIX)}
    unknown = {name for name in single - FOREIGN_NAMES if not re.search(rf"\b{name}\b", code)}
    for name, path in re.findall(r"`(\w+)` (?:in|of)\s`([\w/]+\.py)`", text):
        file = REPOSITORY / path
        if not file.exists() or not re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")):
            unknown.add(f"{name} in {path}")
    return sorted(unknown)


def environment_variables() -> set[str]:
    """The variables that whylead reads, as its source and its settings name them."""
    return set(VARIABLE.findall(source(*set(PACKAGES) - {"tests"}, "notebooks"))) | {
        PREFIX + name.upper() for name in Settings.model_fields
    }


def unknown_variables(text: str) -> list[str]:
    """Variables of the prefix WHYLEAD_ that nothing reads."""
    return sorted(set(VARIABLE.findall(text)) - environment_variables())


def unknown_targets(text: str) -> list[str]:
    """Targets of make that the Makefile lacks."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    code = [*spans(text), *shell_lines(text)]
    named = {match[1] for each in code if (match := re.match(r"make (?:[A-Z]+=\S+ )*([a-z-]+)", each))}
    return sorted(named - targets)


def unknown_routes(text: str) -> list[str]:
    """Routes such as `POST /v1/score` that docs/http.md does not list; a test compares that list with the server's."""
    page = (REPOSITORY / "docs" / "http.md").read_text(encoding="utf-8")
    listed = {" ".join(row) for row in re.findall(r"^\| `(\w+) (/\S+)` \|", page, re.MULTILINE)}
    return sorted({span for span in spans(text) if re.match(r"(GET|POST|PUT|DELETE) /", span)} - listed)


def unknown_commands(text: str) -> list[str]:
    """Commands `whylead NAME` in code spans with a name or an option that does not exist, and options by themselves."""
    unknown = []
    for span in spans(text):
        words = span.split()
        if words[0] == "whylead" and re.match(r"[a-z]", " ".join(words[1:])):
            options = options_of(words[1]) if words[1] in COMMANDS else set()
            if words[1] not in COMMANDS or not _options(words) <= options | {"--help"}:
                unknown.append(span)
        elif words[0].startswith("--") and not _options(words) <= known_options():
            unknown.append(span)
    return unknown


def _options(words: list[str]) -> set[str]:
    return {word.partition("=")[0].strip(",") for word in words if re.match(r"--\w", word)}


@cache
def options_of(command: str) -> set[str]:
    """The options of a command of whylead, hidden ones too."""
    return {name for parameter in load_command(command).params for name in parameter.opts}


@cache
def known_options() -> set[str]:
    """Every option of whylead's commands and of the benchmarks, and those of other programs that the documents name."""
    ours = {option for command in COMMANDS for option in options_of(command)}
    return ours | set(re.findall(r"[\"'](--[\w-]+)[\"']", source("benchmarks"))) | FOREIGN_OPTIONS | {"--help"}


def misused_commands(text: str) -> list[str]:
    """Command lines of whylead and of the benchmarks, in blocks and after "Example: ", that their parsers refuse."""
    misused = []
    for line in (*shell_lines(text), *re.findall(r"Example: `(.*?)`", text)):
        words = shlex.split(line, comments=True) if re.search(r"\bwhylead |python -m benchmarks", line) else []
        if words and words[0].endswith("whylead") and not _parses(words[1:]):
            misused.append(line)
        if "-m" in words[1:2] and words[2].startswith("benchmarks") and not _options(words) <= known_options():
            misused.append(line)
    return misused


def _parses(arguments: list[str]) -> bool:
    arguments = arguments[: arguments.index(">")] if ">" in arguments else arguments
    if not arguments or arguments[0] not in COMMANDS:
        return arguments[:1] == ["--help"]
    try:
        load_command(arguments[0]).make_context(arguments[0], arguments[1:])
    except Exception as error:  # noqa: BLE001 - typer's exceptions have other homes in other versions
        return type(error).__name__ == "Exit"
    return True


@cache
def params_keys() -> dict[str, object]:
    """The keys of params.yaml, such as ``train.seed``, with their defaults."""
    from pipelines.workspace.params import Params

    sections = Params().model_dump(by_alias=True, mode="json")
    return {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}
