#!/usr/bin/env bash
# safetensors 0.8.0: save_file of numpy arrays writes the bytes in the order of memory, under the shape of the array: what
# is not C-contiguous comes back as other numbers, without a word. For PyTorch tensors it refuses.
# Seen: the transpose of [[0, 1, 2], [3, 4, 5]] comes back as [[0, 1], [2, 3], [4, 5]]; every second column of
# [[0, 1, 2, 3], [4, 5, 6, 7]] as [[0, 1], [2, 3]].
. "$(dirname "$0")/_run.sh"
finding safetensors==0.8.0 numpy==2.4.6 <<'PY'
import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

print("safetensors", safetensors.__version__)
arrays = {"transposed": np.arange(6.0).reshape(2, 3).T, "every second": np.arange(8.0).reshape(2, 4)[:, ::2]}
save_file(arrays, "there.safetensors")
for name, value in load_file("there.safetensors").items():
    print(name, "written:", arrays[name].tolist(), "read:", value.tolist())
    assert value.shape == arrays[name].shape
    assert value.ravel().tolist() == list(range(value.size))
    assert not np.array_equal(value, arrays[name])
PY
