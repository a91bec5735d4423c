"""Test whether labels of hidden states are a direction that holds for new groups."""

from probes.hidden_states.labelled_states import LabelledStates, probe_labelled_states
from probes.hidden_states.probe import StateProbe, probe_hidden_states

__all__ = ["LabelledStates", "StateProbe", "probe_hidden_states", "probe_labelled_states"]
