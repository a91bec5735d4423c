"""Fit difference vectors by random-matrix theory: laws of noise, spikes, effective dimension."""

from probes.random_matrix.fit import fit_spiked_covariance
from probes.random_matrix.goodness_of_fit import GoodnessOfFit
from probes.random_matrix.laws.general_law import GeneralLaw
from probes.random_matrix.laws.marchenko_pastur import MarchenkoPastur
from probes.random_matrix.laws.spiked import Spike, isotropic
from probes.random_matrix.laws.tracy_widom import (
    johnstone_scaling,
    tracy_widom_cdf,
    tracy_widom_quantile,
)
from probes.random_matrix.noise.effective_dimension import effective_dimension
from probes.random_matrix.noise.noise_fit import NoiseFit
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise
from probes.random_matrix.noise.resampled_noise import resampled_noise
from probes.random_matrix.result import SpikedCovariance
from probes.random_matrix.spikes.spike_count import SpikeCount

__all__ = [
    "GeneralLaw",
    "GoodnessOfFit",
    "MarchenkoPastur",
    "NoiseDraws",
    "NoiseFit",
    "PowerNoise",
    "Spike",
    "SpikeCount",
    "SpikedCovariance",
    "effective_dimension",
    "fit_spiked_covariance",
    "isotropic",
    "johnstone_scaling",
    "resampled_noise",
    "tracy_widom_cdf",
    "tracy_widom_quantile",
]
