"""A plugin of pytest for the mutants: the same few examples for every mutant."""

from hypothesis import HealthCheck, Phase, settings

from tests import scale

scale.examples = lambda small, full: small if small >= 1000 else min(small, 40)
settings.register_profile(
    "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
settings.load_profile("mutants")
