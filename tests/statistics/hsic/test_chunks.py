"""Does a table that is never whole, in a Parquet file or on a cluster, have the indices of the whole one?"""

import numpy as np
import pytest

from hpanalysis import hsic
from tests.statistics.hsic.test_goal_oriented import KINDS, table

GOAL = hsic.Goal(KINDS, terms="all")


def test_a_parquet_file_read_in_batches_has_the_indices_of_the_whole(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    x, errors = table(900)
    x[::7, 1] = np.nan
    names = [f"x{j}" for j in range(x.shape[1])]
    pq.write_table(pa.table(dict(zip([*names, "error"], [*x.T, errors], strict=True))), tmp_path / "runs.parquet")
    file = pq.ParquetFile(tmp_path / "runs.parquet")
    # Which runs are the best follows from the errors and from where columns are inactive: two columns of the ten.
    known = np.full_like(x, 0.0)
    known[:, 1] = np.where(np.isnan(file.read(["x1"])["x1"].to_numpy()), np.nan, 0.0)
    moments = hsic.Moments(GOAL, hsic.thresholds(known, file.read(["error"])["error"].to_numpy(), GOAL))
    for batch in file.iter_batches(128):
        columns = np.column_stack([batch.column(name).to_numpy() for name in names])
        moments.update(columns, batch.column("error").to_numpy())
    same(moments.indices(), hsic.goal_oriented(x, errors, GOAL))


@pytest.mark.train
def test_a_cluster_adds_up_the_parts_to_the_indices_of_the_whole():
    distributed = pytest.importorskip("distributed", reason="needs the extra `distributed`")
    x, errors = table(900)
    limits = hsic.thresholds(x, errors, GOAL)
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as workers, distributed.Client(workers, set_as_default=False) as client:
        rows = [slice(start, start + 150) for start in range(0, 900, 150)]
        parts = client.map(lambda rows: hsic.Moments(GOAL, limits).update(x[rows], errors[rows]), rows)
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=False)
            odd = parts[-1:] if len(parts) % 2 else []
            parts = [*(client.submit(lambda a, b: a.merge(b), *pair) for pair in pairs), *odd]
        found = parts[0].result().indices()
    same(found, hsic.goal_oriented(x, errors, GOAL))


def same(found, whole):
    for name in ("index", "r2", "bandwidth"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), rel=1e-10, nan_ok=True)
    assert (found.runs == whole.runs).all() and (found.best == whole.best).all()
