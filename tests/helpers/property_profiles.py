"""How long properties are tried, and that a busy machine is no reason to fail one.

The ordinary profile is short and tries the same inputs each time. `HYPOTHESIS_PROFILE=long` tries
others with each run: `--hypothesis-seed=N` repeats one, and a failure prints how to.
"""

import os

from hypothesis import HealthCheck, Phase, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

settings.register_profile(
    "ordinary",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=8,
    stateful_step_count=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "long",
    database=None,
    deadline=None,
    max_examples=50,
    stateful_step_count=50,
    print_blob=True,
    suppress_health_check=SLOW_IS_FINE,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))
