"""Every numbered statement of the paper as a function, with the printed constants and with the sharpest proved.

Numerical arguments may be numbers or arrays and broadcast; information is in nats; probabilities are at most one (a
printed bound above one says nothing). `Constants.PAPER` and `Constants.SHARP` choose the form.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "constants": ["Constants"],
        "change_of_measure": [
            "bernoulli_relative_entropy",
            "binary_entropy",
            "density_exponent",
            "density_probability",
            "information_exponent",
            "information_exponent_closed_form",
            "information_probability",
            "information_probability_closed_form",
            "leakage_exponent",
            "leakage_probability",
            "sibson_exponent",
            "sibson_probability",
        ],
        "subgaussian": [
            "average_proxy",
            "correlation_tail",
            "equation_7",
            "lemma_1",
            "lemma_1_density",
            "lemma_1_density_tail",
            "lemma_1_leakage",
            "lemma_1_leakage_tail",
            "lemma_1_sibson",
            "lemma_1_sibson_tail",
            "lemma_1_tail",
        ],
        "finite_class": ["lemma_2_concentration", "lemma_4_failure", "lemma_5_failure", "lemma_6", "theorem_3"],
        "continuous_class": [
            "log_net_size_per_weight",
            "theorem_1",
            "theorem_1_order",
            "theorem_2_order",
            "theorem_4",
            "theorem_4_condition",
            "theorem_4_density",
            "theorem_4_leakage",
            "theorem_4_sibson",
        ],
    },
)
