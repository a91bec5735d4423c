"""Random matrices: noise laws, spikes, effective dimension, and fits of difference vectors."""

from probes.random_matrix.bulk_fit import GoodnessOfFit, NoiseFit
from probes.random_matrix.effective_dimension import effective_dimension
from probes.random_matrix.fit import SpikedCovariance, fit_spiked_covariance
from probes.random_matrix.general_law import GeneralLaw
from probes.random_matrix.marchenko_pastur import MarchenkoPastur
from probes.random_matrix.noise import PowerNoise
from probes.random_matrix.spike_count import SpikeCount
from probes.random_matrix.spiked import Spike, isotropic
from probes.random_matrix.tracy_widom import (
    johnstone_scaling,
    tracy_widom_cdf,
    tracy_widom_quantile,
)

__all__ = [
    "GeneralLaw",
    "GoodnessOfFit",
    "MarchenkoPastur",
    "NoiseFit",
    "PowerNoise",
    "Spike",
    "SpikeCount",
    "SpikedCovariance",
    "effective_dimension",
    "fit_spiked_covariance",
    "isotropic",
    "johnstone_scaling",
    "tracy_widom_cdf",
    "tracy_widom_quantile",
]
