#!/usr/bin/env bash
# torch 2.13.0: a layer with `spectral_norm` need not have norm 1, nor a Lipschitz constant of 1.
# Seen: a 50 x 50 layer of standard normals, evaluated before any training step: norm 8 with torch.nn.utils.spectral_norm (no
# power iteration in eval mode), 1.02 with that of parametrizations (15 steps at the start), both above 1; a 3 x 3 convolution
# after 200 steps: the matrix of its filters has norm 1, the map from image to image 2.2.
. "$(dirname "$0")/_run.sh"
finding torch==2.13.0 numpy==2.4.6 <<'PY'
import torch
from torch import nn
from torch.nn.functional import conv2d, conv_transpose2d

print("torch", torch.__version__)
torch.manual_seed(0)
matrix, norms = torch.randn(50, 50), {}
for name, normalise in (("old", nn.utils.spectral_norm), ("parametrizations", nn.utils.parametrizations.spectral_norm)):
    layer = nn.Linear(50, 50, bias=False)
    with torch.no_grad():
        layer.weight.copy_(matrix)
    layer = normalise(layer).eval()
    layer(torch.zeros(1, 50))
    norms[name] = float(torch.linalg.matrix_norm(layer.weight, 2))
print("norms in eval mode:", norms)
assert norms["old"] > 5
assert 1.005 < norms["parametrizations"] < 1.1

convolution = nn.utils.parametrizations.spectral_norm(nn.Conv2d(1, 1, 3, padding=1, bias=False))
for _ in range(200):
    convolution(torch.zeros(1, 1, 8, 8))
filters = convolution.eval().weight.detach()
image = torch.randn(1, 1, 32, 32)
for _ in range(200):
    image = image / image.norm()
    image = conv_transpose2d(conv2d(image, filters, padding=1), filters, padding=1)
matrix_norm, gain = float(torch.linalg.matrix_norm(filters.flatten(1), 2)), float(image.norm().sqrt())
print(f"convolution: matrix of the filters {matrix_norm:.4f}, map {gain:.3f}")
assert abs(matrix_norm - 1) < 1e-3
assert gain > 1.3
PY
