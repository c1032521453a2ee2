"""Is a source read once, named once, and told as plain data that is the same everywhere?"""

import json
from pathlib import Path

from hpanalysis.questions.finding import Finding
from hpanalysis.reporting.site.study import Told, facts, findings_json, for_notebooks, open_studies

ASKED = {"metric": "accuracy", "goal": "max"}
FIELDS = {
    *("sweep_id", "question", "notebook", "kind", "verdict", "hyperparameter", "value", "reference", "other"),
    *("other_value", "dataset", "scale", "runs", "mechanism", "k", "estimate", "low", "high", "ci_level"),
    *("low_simultaneous", "high_simultaneous"),
    *("p_adjusted", "family", "n", "tier", "sentence"),
}


def test_a_file_is_handed_to_notebooks_by_its_absolute_path(table, monkeypatch):
    monkeypatch.chdir(table.parent)
    (study,) = open_studies(["toy.csv"], ASKED)
    assert (study.sweep_id, study.source) == ("toy", str(table))
    assert Path(study.source).is_absolute() and facts(study)["source"] == "toy.csv"


def test_runs_that_failed_or_diverged_are_counted(tmp_path, toy_frame):
    frame = toy_frame(40)
    frame["status"] = ["complete"] * 36 + ["failed"] * 4
    frame.loc[0, "accuracy"] = float("inf")
    frame.to_csv(tmp_path / "x.csv", index=False)
    (study,) = open_studies([str(tmp_path / "x.csv")], {**ASKED, "roles": {"status": "status"}})
    assert (facts(study)["runs"], facts(study)["failed"]) == (40, 5)


def test_the_settings_of_notebooks_are_plain_data_without_metric_and_goal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {**ASKED, "datasets": ("a", "b"), "space": "s.yaml", "roles": {"x": "seed"}, "margin": 0.1}
    plain = for_notebooks(given)
    assert plain == {"datasets": ["a", "b"], "space": str(tmp_path / "s.yaml"), "roles": {"x": "seed"}, "margin": 0.1}
    assert json.loads(json.dumps(plain)) == plain


def test_findings_name_the_sweep_as_the_batch_does_and_leave_nothing_out(table):
    (study,) = open_studies([str(table)], ASKED)
    found = Finding("other", "Is it?", "contrast", "better", "Größer.", "headline", estimate=float("nan"))
    told = Told(study, None, (found,))
    data = json.loads(findings_json([told]))
    assert data["findings"][0]["sweep_id"] == "toy" == data["sweeps"][0]["sweep_id"]
    assert data["findings"][0]["estimate"] is None and set(data["findings"][0]) == FIELDS
    assert "Größer" in findings_json([told])
