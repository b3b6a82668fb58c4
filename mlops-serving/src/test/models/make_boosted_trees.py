"""Writes models of LightGBM and XGBoost as ONNX, each beside a JSON of rows and of the library's own answers.

    pip install lightgbm==4.7.0 xgboost==3.2.0 onnxmltools==1.16.0 skl2onnx==1.20.0 onnx==1.23.2 numpy==2.4.6 scikit-learn==1.9.1
    python make_boosted_trees.py ../resources/models

What it writes is checked in; run it again only to change the models. All data is drawn from a seeded generator.
"""

import pathlib
import sys

import lightgbm
import numpy as np
import xgboost
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

from make_models import ROWS, floats, write

COLUMNS = [f"x{i}" for i in range(8)]


def save(folder, name, onx, inputs, outputs):
    # Drawn anew on every run otherwise.
    onx.graph.name = name
    write(folder, name, onx, COLUMNS, inputs, outputs)


def waves(seed, n=600):
    draw = np.random.default_rng(seed)
    x = floats(draw.uniform(-2, 2, (n, len(COLUMNS))))
    return x, np.sin(2 * x[:, 0]) + 0.7 * x[:, 1] * x[:, 2] + 0.3 * x[:, 3] + draw.normal(0, 0.1, n), draw


def lightgbm_three_classes(folder):
    x, y, _ = waves(11)
    classes = np.digitize(y, [-0.5, 0.7])
    model = lightgbm.LGBMClassifier(
        n_estimators=15, num_leaves=8, random_state=7, deterministic=True, force_row_wise=True, n_jobs=1, verbose=-1)
    model.fit(x[ROWS:], classes[ROWS:])
    onx = convert_lightgbm(
        model, initial_types=[("input", FloatTensorType([None, len(COLUMNS)]))], target_opset=15, zipmap=False)
    rest = x[:ROWS]
    save(folder, "lightgbm_classes", onx, {"input": rest},
          {"label": model.predict(rest).astype(np.int64), "probabilities": model.predict_proba(rest)})


def lightgbm_regression(folder):
    """Missing numbers too: NaN has a branch of its own at every split."""
    x, y, draw = waves(12)
    x[draw.uniform(size=x.shape) < 0.1] = np.nan
    model = lightgbm.LGBMRegressor(
        n_estimators=20, num_leaves=8, random_state=7, deterministic=True, force_row_wise=True, n_jobs=1, verbose=-1)
    model.fit(x[ROWS:], y[ROWS:])
    onx = convert_lightgbm(
        model, initial_types=[("input", FloatTensorType([None, len(COLUMNS)]))], target_opset=15)
    rest = x[:ROWS]
    assert np.isnan(rest).any()
    save(folder, "lightgbm_regression", onx, {"input": rest},
          {"variable": model.predict(rest).reshape(-1, 1)})


def xgboost_two_classes(folder):
    x, y, _ = waves(13)
    model = xgboost.XGBClassifier(n_estimators=15, max_depth=3, random_state=7, n_jobs=1)
    model.fit(x[ROWS:], (y[ROWS:] > 0).astype(int))
    onx = convert_xgboost(model, initial_types=[("input", FloatTensorType([None, len(COLUMNS)]))], target_opset=15)
    rest = x[:ROWS]
    save(folder, "xgboost_classes", onx, {"input": rest},
          {"label": model.predict(rest).astype(np.int64), "probabilities": model.predict_proba(rest)})


def xgboost_regression(folder):
    x, y, _ = waves(14)
    model = xgboost.XGBRegressor(n_estimators=20, max_depth=3, random_state=7, n_jobs=1).fit(x[ROWS:], y[ROWS:])
    onx = convert_xgboost(model, initial_types=[("input", FloatTensorType([None, len(COLUMNS)]))], target_opset=15)
    rest = x[:ROWS]
    save(folder, "xgboost_regression", onx, {"input": rest}, {"variable": model.predict(rest).reshape(-1, 1)})


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    lightgbm_three_classes(target)
    lightgbm_regression(target)
    xgboost_two_classes(target)
    xgboost_regression(target)
