"""Does the project install as it says? pyproject, conda environment, lock, wheel, and a cheap import."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import hpanalysis

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("linux", "darwin", "win32")
# Where conda-forge has another name for the same package.
CONDA_NAMES = {"jupyter_client": "jupyter-client", "matplotlib-base": "matplotlib"}
HEAVY = ("matplotlib", "seaborn", "statsmodels", "sklearn", "scipy", "torch", "papermill", "nbconvert")


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> str:
    """Run this Python in a fresh process and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def asked_for(project) -> dict[str, Requirement]:
    """What pyproject.toml asks for, with the extra that the lock and the conda environment hold too."""
    lines = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


@pytest.fixture(scope="module")
def locked() -> list[tuple[Requirement, list[str]]]:
    """The lock's entries: each requirement, with its hashes."""
    text = (ROOT / "requirements.lock").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    entries = [line.split(" --hash=") for line in text.splitlines() if line.strip()]
    return [(Requirement(name.strip()), [h.strip() for h in hashes]) for name, *hashes in entries]


@pytest.fixture(scope="module")
def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def contents(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


class TestTheCondaEnvironment:
    """Nothing here can solve it, so its names and ranges are held against pyproject.toml."""

    def test_asks_for_the_same_packages_in_the_same_ranges(self, conda, asked_for):
        lines = [line for line in conda["dependencies"] if isinstance(line, str)]
        ranges = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in map(Requirement, lines)}
        del ranges["python"], ranges["pip"]
        assert ranges == {name: r.specifier for name, r in asked_for.items()}

    def test_has_the_same_pythons(self, conda, project):
        python = Requirement(conda["dependencies"][0])
        assert (python.name, python.specifier) == (
            "python",
            Requirement(f"x{project['requires-python']}").specifier,
        )

    def test_comes_from_conda_forge_and_installs_the_project(self, conda):
        assert conda["channels"] == ["conda-forge", "nodefaults"]
        assert conda["dependencies"][-1] == {"pip": ["-e ."]}


class TestTheLock:
    def test_pins_every_requirement_for_every_python_and_platform(self, locked, asked_for):
        for python in PYTHONS:
            for platform in PLATFORMS:
                machine = {
                    "python_version": python,
                    "python_full_version": f"{python}.9",
                    "sys_platform": platform,
                }
                pinned = {r.name: r for r, _ in locked if r.marker is None or r.marker.evaluate(machine)}
                for name, wanted in asked_for.items():
                    version = next(iter(pinned[name].specifier)).version
                    assert wanted.specifier.contains(version), f"{name} {version} on Python {python}"

    def test_pins_one_exact_version_with_hashes_each(self, locked):
        assert len(locked) > 100
        for requirement, hashes in locked:
            assert [s.operator for s in requirement.specifier] == ["=="], requirement
            assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), requirement

    def test_holds_the_build_backend(self, locked):
        backend = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
        pinned = {r.name: next(iter(r.specifier)).version for r, _ in locked}
        for requirement in map(Requirement, backend):
            assert requirement.specifier.contains(pinned[requirement.name])

    def test_names_no_address_and_no_option_but_hashes(self):
        text = (ROOT / "requirements.lock").read_text()
        assert "://" not in text and " @ " not in text
        assert set(re.findall(r"--[a-z-]+", text)) == {"--hash"}

    def test_leaves_pytorch_out(self, locked):
        assert not {r.name for r, _ in locked} & {"torch", "dask", "distributed"}


class TestTheFace:
    def test_import_is_cheap_and_loads_nothing_heavy(self):
        code = (
            "import time; start = time.process_time(); import sys, hpanalysis; dir(hpanalysis); "
            "print(time.process_time() - start); print(*{name.split('.')[0] for name in sys.modules})"
        )
        seconds, modules = run("-c", code).splitlines()
        assert float(seconds) <= 0.6
        assert not set(modules.split()) & set(HEAVY)

    @pytest.mark.parametrize("name", hpanalysis.__all__)
    def test_every_public_name_is_there_and_documented(self, name):
        value = getattr(hpanalysis, name)
        assert value.__name__.rpartition(".")[2] == name
        assert (value.__doc__ or "").strip()

    def test_every_public_name_is_written_once_and_in_the_form_that_type_checkers_take_as_public(self):
        tree = ast.parse((ROOT / "hpanalysis" / "__init__.py").read_text())
        names = [alias for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for alias in n.names]
        public = [alias.name for alias in names if alias.asname == alias.name]
        assert sorted(public) == hpanalysis.__all__ == sorted(set(public))
        assert [alias.name for alias in names if alias.name not in public] == ["Path", "TYPE_CHECKING"]

    def test_an_unknown_name_is_answered_with_the_known_ones(self):
        with pytest.raises(AttributeError, match="has no 'contrasts'; it has .*contrast"):
            hpanalysis.contrasts  # noqa: B018

    def test_the_version_is_the_one_of_the_changelog(self):
        newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE).group(1)
        assert Version(hpanalysis.__version__) == Version(newest)


class TestTheWheel:
    def test_carries_every_notebook_and_template(self, contents):
        notebooks = {f"hpanalysis/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
        folder = ROOT / "hpanalysis" / "reporting" / "site" / "templates"
        templates = {str(path.relative_to(ROOT)) for path in folder.rglob("*") if path.is_file()}
        assert notebooks and templates
        assert notebooks | templates | {"hpanalysis/docs/glossary.md"} <= contents

    def test_carries_every_module_and_nothing_else(self, contents):
        modules = {str(p.relative_to(ROOT)) for p in (ROOT / "hpanalysis").rglob("*.py")}
        assert modules <= contents
        top = {name.split("/")[0] for name in contents}
        assert top == {"hpanalysis", f"hpanalysis-{hpanalysis.__version__}.dist-info"}

    def test_reads_a_table_in_an_empty_folder(self, wheel, shipped, tmp_path):
        installed, empty = tmp_path / "installed", tmp_path / "empty"
        empty.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(installed)
        code = "import sys; from hpanalysis import cli; print(cli.__file__); sys.exit(cli.main(sys.argv[1:]))"
        shown = run("-c", code, "describe", str(shipped), cwd=empty, PYTHONPATH=str(installed))
        assert shown.startswith(str(installed))
        assert "learning_rate" in shown
        assert not list(empty.iterdir())


class TestTheMakefile:
    def test_help_explains_every_target_that_is_not_a_file(self):
        text = (ROOT / "Makefile").read_text()
        named = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE).group(1).split()
        assert re.findall(r"^([a-z-]+):.*?## \S", text, flags=re.MULTILINE) == named

    def test_every_module_and_file_it_names_exists(self):
        text = (ROOT / "Makefile").read_text()
        modules = set(re.findall(r"-m ((?:tests|hpanalysis)[\w.]*)", text))
        files = set(re.findall(r"(?:data|tests)/[\w/]+\.\w+", text))
        assert modules and files
        for name in {f"{module.replace('.', '/')}.py" for module in modules} | files:
            assert (ROOT / name).is_file(), name

    def test_an_old_python_is_refused_in_one_sentence(self, tmp_path):
        old = tmp_path / "python-old"
        old.write_text('#!/bin/sh\ncase "$1" in --version) echo Python 3.8.18 ;; *) exit 1 ;; esac\n')
        old.chmod(0o755)
        command = ["make", "report", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert "is Python 3.8.18, and hpanalysis needs 3.11, 3.12 or 3.13" in done.stdout
        assert not (tmp_path / "venv").exists()


class TestReadme:
    def test_what_it_quotes_is_what_the_shipped_sweeps_say(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        quotes = re.findall(r"(?:^>.*\n)+", text, flags=re.MULTILINE)
        assert quotes
        sweeps = [hpanalysis.read(ROOT / "data" / name / "runs.csv") for name in ("cnn", "transfer")]
        said = {f"**{v.question}** {v.text}" for sweep in sweeps for v in hpanalysis.verdicts(sweep)}
        for quote in quotes:
            for answer in quote.split(">\n"):
                assert " ".join(line.removeprefix("> ") for line in answer.splitlines()) in said
        assert f"{len(sweeps[0]):,} CNNs" in text and f"Of {len(sweeps[1]):,} such runs" in text

    def test_its_links_lead_somewhere(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
        assert links
        assert [link for link in links if not (ROOT / link).exists()] == []
