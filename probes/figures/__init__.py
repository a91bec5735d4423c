"""Draw what the probes find, without a display."""

from probes.drawing.save import save_figure
from probes.figures.modes.comparison import (
    plot_compared_loss,
    plot_compared_modes,
    plot_compared_values,
    plot_comparison,
    plot_learning_times,
)
from probes.figures.modes.loss_curve import plot_loss_curve
from probes.figures.modes.overlap import plot_lineage, plot_overlap
from probes.figures.modes.singular_values import plot_singular_values
from probes.figures.modes.spectrum import plot_spectrum
from probes.figures.modes.trajectories import plot_trajectory_comparison
from probes.figures.relations.analogies import plot_analogies
from probes.figures.relations.bulk import plot_spiked_covariance
from probes.figures.relations.concepts import (
    plot_concept_angles,
    plot_coverage,
    plot_held_out,
    plot_localisation,
    plot_state_probe,
)
from probes.figures.relations.emergence import (
    plot_answer_ranks,
    plot_emergence,
    plot_mode_signal,
)
from probes.figures.relations.linear_times import plot_linear_times
from probes.figures.relations.share_plane import plot_share_plane
from probes.figures.relations.similarity import plot_similarity
from probes.figures.relations.snr_curves import (
    plot_published_ratio,
    plot_published_snr,
    plot_snr_curve,
    plot_snr_curves,
    plot_snr_plane,
)
from probes.figures.relations.states import (
    plot_labels_probe,
    plot_layers_probe,
    plot_target_probe,
)
from probes.figures.words.coherence import plot_coherence
from probes.figures.words.document_topics import (
    plot_document_topics,
    plot_topic_documents,
    plot_topic_search,
    plot_topics_by_value,
)
from probes.figures.words.embedding_map import plot_embedding_map
from probes.figures.words.stability import plot_stability
from probes.figures.words.topic_graph import plot_topic_graph
from probes.figures.words.topic_tree import plot_topic_tree
from probes.figures.words.topics import plot_labels, plot_topic, plot_topics

__all__ = [
    "plot_analogies",
    "plot_answer_ranks",
    "plot_coherence",
    "plot_compared_loss",
    "plot_compared_modes",
    "plot_compared_values",
    "plot_comparison",
    "plot_concept_angles",
    "plot_coverage",
    "plot_document_topics",
    "plot_embedding_map",
    "plot_emergence",
    "plot_held_out",
    "plot_labels",
    "plot_labels_probe",
    "plot_layers_probe",
    "plot_learning_times",
    "plot_lineage",
    "plot_linear_times",
    "plot_localisation",
    "plot_loss_curve",
    "plot_mode_signal",
    "plot_overlap",
    "plot_published_ratio",
    "plot_published_snr",
    "plot_share_plane",
    "plot_similarity",
    "plot_singular_values",
    "plot_snr_curve",
    "plot_snr_curves",
    "plot_snr_plane",
    "plot_spectrum",
    "plot_spiked_covariance",
    "plot_stability",
    "plot_state_probe",
    "plot_target_probe",
    "plot_topic",
    "plot_topic_documents",
    "plot_topic_graph",
    "plot_topic_search",
    "plot_topic_tree",
    "plot_topics",
    "plot_topics_by_value",
    "plot_trajectory_comparison",
    "save_figure",
]
