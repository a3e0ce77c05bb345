# SPDX-License-Identifier: MIT
"""Opens safetensors files that we wrote with the `safetensors` library.

    python3 tools/check_safetensors.py web/models/en-zh/model.safetensors …

For each file: what the library reads in it, and whether the library, given the same tensors, would
write the same bytes (it writes several entries of metadata in no fixed order, so that only files
with at most one are compared). Exits with 1 if a file cannot be read or differs.
"""
import collections
import pathlib
import sys

import safetensors
import safetensors.torch


def check(path):
    with safetensors.safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    kinds = collections.Counter(str(tensor.dtype) for tensor in tensors.values())
    count = sum(tensor.numel() for tensor in tensors.values())
    print(f"{path}: {len(tensors)} tensors, {count} numbers, {dict(kinds)}, metadata {metadata}")
    if metadata and len(metadata) > 1:
        return True
    same = safetensors.torch.save(tensors, metadata) == pathlib.Path(path).read_bytes()
    print("  the library writes " + ("the same bytes" if same else "OTHER bytes"))
    return same


def main():
    print(f"safetensors {safetensors.__version__}")
    if not all([check(path) for path in sys.argv[1:]]):
        sys.exit(1)


if __name__ == "__main__":
    main()
