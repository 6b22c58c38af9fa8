"""Information and effective parameters: exact where the model is finite, an estimate with its direction otherwise."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "finite": ["ChainRule", "InformationSpectrum", "JointDistribution", "entropy"],
        "effective_parameters": [
            "PAPER_NET_CONSTANT",
            "SHARP_NET_CONSTANT",
            "EffectiveParameterCount",
            "effective_parameter_count",
        ],
    },
)
