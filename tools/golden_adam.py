# SPDX-License-Identifier: MIT
"""Writes tests/golden/torch/adam.safetensors: parameters that torch.optim.Adam and AdamW moved.

    python3 tools/golden_adam.py

Two parameters, a (7) and b (3, 5), get six given gradients, clipped to a norm of 1 over both, in
float64 from numbers that float32 holds exactly. The file has

    start.<a|b>                  before the first step
    gradient.<step>.<a|b>        step 1 … 6
    norm                         (6), before clipping
    <adam|adamw>.<step>.<a|b>    after each step
"""
import datetime
import pathlib

import torch
from safetensors.torch import save_file

FILE = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "torch" / "adam.safetensors"
STEPS = 6
OPTIONS = {"lr": 0.01, "betas": (0.9, 0.98), "eps": 1e-9}
KINDS = {
    "adam": lambda parameters: torch.optim.Adam(parameters, **OPTIONS),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, weight_decay=0.1, **OPTIONS),
}


def numbers(*shape, generator):
    return torch.randn(*shape, generator=generator).double()


def main():
    generator = torch.Generator().manual_seed(11)
    start = {"a": numbers(7, generator=generator), "b": numbers(3, 5, generator=generator)}
    # Some steps are clipped, some are not.
    gradients = [
        {name: numbers(*value.shape, generator=generator) * scale for name, value in start.items()}
        for scale in (1.0, 0.1, 3.0, 0.01, 0.5, 10.0)
    ]
    gradients = [{name: g.float().double() for name, g in step.items()} for step in gradients]

    tensors = {f"start.{name}": value for name, value in start.items()}
    for kind, make in KINDS.items():
        parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
        optimizer = make(list(parameters.values()))
        norms = []
        for step, gradient in enumerate(gradients, 1):
            for name, parameter in parameters.items():
                parameter.grad = gradient[name].clone()
                tensors[f"gradient.{step}.{name}"] = gradient[name]
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0))
            optimizer.step()
            for name, parameter in parameters.items():
                tensors[f"{kind}.{step}.{name}"] = parameter.detach().clone()
        tensors["norm"] = torch.stack(norms)

    save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, FILE,
              {"program": f"torch {torch.__version__}", "script": "tools/golden_adam.py",
               "date": datetime.date.today().isoformat(), "rate": "0.01", "beta1": "0.9",
               "beta2": "0.98", "epsilon": "1e-9", "weight_decay of adamw": "0.1", "clip": "1"})


if __name__ == "__main__":
    main()
