"""Settings that come from JSON are of the types that their dataclass asks for."""

from __future__ import annotations

from typing import get_type_hints

import pytest

import repsearch as rs
from repsearch.dynamics import FullBatch
from repsearch.errors import InputError
from repsearch.training.integrators.runge_kutta import RungeKutta
from repsearch.training.objectives.losses import Sgns
from repsearch.training.schedules import AtSteps
from repsearch.training.settings import Settings
from repsearch.training.store.fitting import fits
from repsearch.training.store.settings_json import from_json, to_json

SETTINGS = {
    "loss": Sgns(),
    "weighting": rs.Setting31(),
    "batch": FullBatch(),
    "integrator": RungeKutta(),
    "rows": AtSteps([1, 2]),
}


@pytest.mark.parametrize("field", SETTINGS)
def test_a_setting_fits_its_own_field_and_no_other(field):
    hint = get_type_hints(Settings)[field]
    assert [name for name, value in SETTINGS.items() if fits(value, hint)] == [field]
    for other in (rs.Window(3), "sgns", 3, {}, ()):
        assert not fits(other, hint)


def test_a_window_in_place_of_a_loss_is_refused():
    # Found by fuzzing: it was taken for a loss, and had no name.
    stored = to_json({"loss": rs.Window(3)})
    fields = dict.fromkeys(Settings.__annotations__)
    with pytest.raises(InputError, match="lack loss, or hold it as what it cannot be"):
        Settings.from_json({**to_json(fields), "dimension": 2, **stored})
    assert from_json(stored) == {"loss": rs.Window(3)}
