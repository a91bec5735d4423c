"""Test whether labels and numbers can be read from hidden states of new groups, and where."""

from probes.hidden_states.labelled_states import LabelledStates, probe_labelled_states
from probes.hidden_states.labels_probe import probe_many_labels
from probes.hidden_states.labels_result import LabelsProbe
from probes.hidden_states.layers_probe import LayersProbe, probe_layers
from probes.hidden_states.probe import StateProbe, probe_hidden_states
from probes.hidden_states.target_probe import TargetProbe, probe_targets

__all__ = [
    "LabelledStates",
    "LabelsProbe",
    "LayersProbe",
    "StateProbe",
    "TargetProbe",
    "probe_hidden_states",
    "probe_labelled_states",
    "probe_layers",
    "probe_many_labels",
    "probe_targets",
]
