# SPDX-License-Identifier: MIT
"""Writes tests/golden/io/*.safetensors with the `safetensors` library, as the test of our reader.

    python3 tools/golden_safetensors.py

Each file holds tensors of one kind of every element type that we read, with the values that are
hard to convert, and beside each the fp32 values that a reader must find (NaN where there is NaN).
"""
import datetime
import pathlib

import safetensors
import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "io"

HARD = [0.0, -0.0, 1.0, -2.5, 1 / 3, 65504.0, 65520.0, 1e-8, 6e-8, -6.1e-5, 2.0**-24, 2.0**-126,
        1.1754e-38, 1e-45, 3.4e38, float("inf"), float("-inf"), float("nan")]
WHOLE = [0, 1, -1, 127, -128, 2**24 - 1, -(2**24), 2**31 - 1, -(2**31)]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    hard = torch.tensor(HARD, dtype=torch.float32)
    whole = torch.tensor(WHOLE, dtype=torch.int64)
    tensors = {
        "f64": hard.double() * (1 + 2**-30),
        "f32": hard,
        "f16": hard.half(),
        "bf16": hard.bfloat16(),
        "i64": whole,
        "i32": whole.int(),
        "i8": whole.clamp(-128, 127).to(torch.int8),
        "u8": whole.clamp(0, 255).to(torch.uint8),
        "bool": whole > 0,
        "scalar": torch.tensor(7.25),
        "empty": torch.zeros(2, 0, 3),
        "名字 \"quoted\" \n": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    }
    expected = {f"{name}.fp32": tensor.float().clone()
                for name, tensor in tensors.items() if tensor.dtype != torch.bool}
    metadata = {"format": "pt", "program": f"safetensors {safetensors.__version__}",
                "script": "tools/golden_safetensors.py",
                "date": datetime.date.today().isoformat()}
    safetensors.torch.save_file({**tensors, **expected}, FOLDER / "types.safetensors", metadata)

    # One entry of metadata, since the library writes several in no fixed order: these bytes are
    # what our writer must make of the same tensors.
    layout = {name: torch.arange(count, dtype=torch.float32) + len(name)
              for name, count in [("b", 3), ("a", 5), ("decoder.weight", 1), ("ä", 2)]}
    for name, dtype in [("f32", torch.float32), ("f16", torch.float16), ("bf16", torch.bfloat16)]:
        safetensors.torch.save_file({key: value.to(dtype) for key, value in layout.items()},
                                    FOLDER / f"layout_{name}.safetensors", {"format": "pt"})
    mixed = {"step": torch.tensor([12], dtype=torch.int64), "scale": layout["b"],
             "codes": torch.tensor([[-128, 127, 0]], dtype=torch.int8),
             "bias": layout["a"].half(), "wide": layout["a"].double()}
    safetensors.torch.save_file(mixed, FOLDER / "layout_mixed.safetensors")


if __name__ == "__main__":
    main()
