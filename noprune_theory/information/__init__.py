"""Information and effective parameters: exact where the model is finite, an estimate with its direction otherwise."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "finite": ["ChainRule", "InformationSpectrum", "JointDistribution", "entropy"],
        "enumeration": [
            "MAX_DATASETS",
            "ConditionalInformation",
            "EnumeratedDatasets",
            "average_information",
            "enumerate_datasets",
            "expected_plug_in_entropy",
            "label_outcomes",
        ],
        "estimators": [
            "DEFAULT_ENTROPY_ESTIMATOR",
            "ENTROPY_ESTIMATORS",
            "MINIMUM_COVERAGE",
            "EntropyEstimate",
            "SmallSampleWarning",
            "count_outcomes",
            "estimate_entropy",
            "sample_coverage",
        ],
        "coverage": ["CoverageRow", "coverage_study", "zipf_distribution"],
        "effective_parameters": [
            "PAPER_NET_CONSTANT",
            "SHARP_NET_CONSTANT",
            "EffectiveParameterCount",
            "effective_parameter_count",
        ],
    },
)
