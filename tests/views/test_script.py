"""Do the modules keep the rules by which they are joined, and is the script what its hash says?"""

import base64
import hashlib
import re

import pytest

from hpanalysis.views.script import VIEW, page_script, policy_hash, style, widget_module

MODULES = sorted(VIEW.glob("*.js"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
class TestModule:
    def test_its_imports_stand_on_one_line_each(self, module):
        text = module.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if re.match(r"\s*import\b", line)]
        assert all(re.fullmatch(r'import \{ [\w, ]+ \} from "\./\w+\.js";', line) for line in lines)
        assert "import(" not in text

    def test_it_exports_declarations_only(self, module):
        text = module.read_text(encoding="utf-8")
        allowed = r"export (?:(?:async )?(?:function|const|class) \w+|default \{)"
        lines = [line for line in text.splitlines() if re.match(r"\s*export\b", line)]
        assert all(re.match(allowed, line) for line in lines)

    def test_its_comments_fill_their_lines_and_its_texts_end_on_theirs(self, module):
        for line in module.read_text(encoding="utf-8").splitlines():
            assert "/*" not in line
            assert line.count("`") % 2 == 0, line
            assert not re.search(r"[;{},)]\s*//", line), line

    def test_nothing_in_it_ends_a_script_element(self, module):
        text = module.read_text(encoding="utf-8").lower()
        assert "</script" not in text and "<!--" not in text

    def test_it_makes_no_code_or_markup_of_text(self, module):
        text = module.read_text(encoding="utf-8")
        found = re.search(r"\b(eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b", text)
        assert not found

    def test_it_asks_nothing_of_a_network(self, module):
        assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|https?:)", module.read_text("utf-8"))

    def test_it_says_what_it_is_for_and_is_short(self, module):
        lines = module.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("// ") and len(lines) <= 400


def test_the_script_of_a_page_is_small():
    assert len(page_script().encode()) < 80_000


def test_every_module_is_in_the_script():
    script = page_script()
    shared = {path.stem for path in MODULES} - {"page", "widget", "claims"}
    assert {name for name in shared if f"\nM.{name} = " in script} == shared


def test_the_widget_is_the_same_with_a_default_export():
    assert widget_module().count("export ") == 1 and "\nexport default {" in widget_module()


def test_the_hash_is_that_of_the_script():
    digest = hashlib.sha256(page_script().encode()).digest()
    assert policy_hash(page_script()) == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_the_style_loads_nothing():
    assert "url(" not in style() and "@import" not in style()
