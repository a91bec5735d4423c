"""Hidden states with labels, and whether they have a direction that holds for new groups."""

from probes.hidden_states.probe import StateProbe, probe_hidden_states

__all__ = ["StateProbe", "probe_hidden_states"]
