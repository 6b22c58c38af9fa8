"""The project against its peers: ratios from one run, accuracy beside every time.

A benchmark is a module of this folder that exposes `CASE`, and one line below.
"""

CASES: tuple[str, ...] = (
    "masked_least_squares",
    "nested_path",
    "random_feature_sweep",
    "smoothest_linear_fit",
    "smoothest_random_features_fit",
    "lipschitz_exact",
    "lipschitz_bracket",
    "lipsdp_one_hidden",
    "lipsdp_deep",
    "deep_lipschitz",
    "evaluate_bounds",
    "train_tiny_networks",
    "train_sparse_networks",
    "train_dense_student",
)
