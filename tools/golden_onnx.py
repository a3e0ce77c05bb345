# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/onnx-{23,24,25}: what ONNX's Attention gives.

    python3 tools/golden_onnx.py

Two programs answer, both of the onnx package: the Python reference of the operator and the function
body that its schema carries, evaluated node by node. First the node tests of the package, with the
outputs they expect; then cases of our own, computed in fp64 from values that fp32 holds, in which
the two programs must agree. Where they do not, or where we differ on purpose, a case's note says so.
"""
import itertools
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.backend.test.case.node import collect_testcases, function_testcase_helper
from onnx.reference import ReferenceEvaluator

from golden_cases import Golden, hidden_floats, numbers, visible

INPUTS = ["Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"]
NAMES = {"Q": "queries", "K": "keys", "V": "values", "past_key": "pastKey",
         "past_value": "pastValue", "Y": "output", "present_key": "presentKey",
         "present_value": "presentValue"}
MODES = ["raw", "capped", "masked", "weights"]
HALVES = {"float16": "f16", "bfloat16": "bf16"}


def translate(opset, attributes, inputs):
    """The same call in our words: options and inputs."""
    options, tensors = {}, {}
    if "q_num_heads" in attributes:
        options["heads"] = attributes["q_num_heads"]
        options["kvHeads"] = attributes["kv_num_heads"]
    if attributes.get("is_causal"):
        options["causal"] = True
    for key in ("scale", "softcap"):
        if key in attributes:
            options[key] = float(attributes[key])
    window = [attributes.get(f"{side}_window_size", -1) for side in ("left", "right")]
    if window != [-1, -1]:
        options["window"] = window
    for name, value in inputs.items():
        if name == "nonpad_kv_seqlen":
            options["keyLengths"] = [int(length) for length in value]
        elif name == "attn_mask":
            tensors["mask" if value.dtype == np.bool_ else "bias"] = value
        else:
            tensors[NAMES[name]] = value
    return options, tensors


def outputs_of(attributes, outputs):
    mode = MODES[attributes.get("qk_matmul_output_mode", 0)]
    return {NAMES.get(name, mode): value for name, value in outputs.items()}


def with_returns(options, outputs):
    asked = [name for name in MODES if name in outputs]
    return {**options, "return": asked} if asked else options


def feature(options, inputs, outputs, *, kind=None):
    """The most particular thing that a case shows."""
    has = lambda *names: any(name in options or name in inputs for name in names)
    for name, shown in {
        "intermediate scores": any(mode in outputs for mode in MODES),
        "past keys": has("pastKey"),
        "window": has("window"),
        "key lengths": has("keyLengths"),
        "softcap": has("softcap"),
        "causal": has("causal"),
        "boolean mask": has("mask"),
        "bias": has("bias"),
        "scale": has("scale"),
        "grouped heads": (options["kvHeads"] != options["heads"] if has("heads") else
                          inputs["queries"].shape[1] != inputs["keys"].shape[1]),
        "heads in the last axis": has("heads"),
        "values of another width": inputs["values"].shape[-1] != inputs["keys"].shape[-1],
    }.items():
        if shown:
            return kind or name
    return kind or "plain"


def node_cases(files):
    """The operator's own tests: inputs are random, so their seed is fixed here."""
    np.random.seed(2026)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other operators' tests, which are made too
        cases = collect_testcases("Attention")
    for case in cases:
        if case.name.endswith("_expanded"):
            continue
        node = case.model.graph.node[0]
        opset = case.model.opset_import[0].version
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        given, expected = case.data_sets[0]
        inputs = dict(zip([name for name in node.input if name], given, strict=True))
        # an input is named by its place in the node, whatever the test calls it
        places = {name: INPUTS[i] for i, name in enumerate(node.input) if name}
        inputs = {places[name]: np.asarray(value) for name, value in inputs.items()}
        results = dict(zip([name for name in node.output if name], expected, strict=True))

        half = HALVES.get(inputs["Q"].dtype.name)
        kind = "half precision" if half else special(case.name)
        options, tensors = translate(opset, attributes, inputs)
        outputs = outputs_of(attributes, results)
        options = with_returns(options, outputs)
        name = case.name.removeprefix("test_")
        files[opset].add(name, feature(options, tensors, outputs, kind=kind), options, tensors,
                         outputs, tolerance=half or "fp32", opset=opset, origin="onnx node test",
                         **precision(attributes))
        if half:
            wide = {key: value.astype(np.float64) if key != "nonpad_kv_seqlen"
                    and value.dtype != np.bool_ else value for key, value in inputs.items()}
            outputs = outputs_of(attributes, evaluate(opset, attributes, wide, list(results)))
            files[opset].add(f"{name}_computed_wide", kind, options, tensors, outputs, opset=opset,
                             origin="inputs of the onnx node test, computed in fp64")


def special(name):
    for part in ("fullymasked", "structural_empty", "boolmask_nan"):
        if part in name:
            return "empty rows"
    return "hidden poison" if "poison" in name else None


def precision(attributes):
    names = {1: "f32", 10: "f16", 11: "f64", 16: "bf16"}
    kind = attributes.get("softmax_precision")
    return {"softmaxPrecision": names[kind]} if kind else {}


def evaluate(opset, attributes, inputs, outputs, *, body=False):
    """What the reference of the operator gives, or its function body."""
    names = [name if name in inputs else "" for name in INPUTS]
    while not names[-1]:
        names.pop()
    every = ["Y", "present_key", "present_value", "qk_matmul_output"]
    results = [name if name in outputs else "" for name in every]
    while not results[-1]:
        results.pop()
    node = helper.make_node("Attention", names, results, **attributes)
    nodes = [node]
    types = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in inputs.items()}
    imports = [helper.make_opsetid("", opset)]
    if body:
        protos = [helper.make_tensor_type_proto(types[name], inputs[name].shape) if name else
                  onnx.TypeProto() for name in names]
        nodes = function_testcase_helper(node, protos, "case", imports)[0][0][0]
    graph = helper.make_graph(
        nodes, "case",
        [helper.make_tensor_value_info(name, types[name], value.shape)
         for name, value in inputs.items()],
        [helper.make_tensor_value_info(name, types["Q"], None) for name in results if name])
    model = helper.make_model(graph, opset_imports=imports)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of infinities, which are meant
        answer = ReferenceEvaluator(model).run([n for n in results if n], inputs)
    return dict(zip([name for name in results if name], answer, strict=True))


def differ(a, b):
    """The outputs that are not alike; the body computes the root of the scale in fp32."""
    return [name for name in a if not np.allclose(a[name], b[name], 0, 1e-6, equal_nan=True)]


def own(golden, opset, name, attributes, inputs, *, ask=("Y",), kind=None, clean=None, note=None,
        uncapped=False):
    """A case of ours. `clean` are the inputs to compute with in place of poisoned ones; `uncapped`
    says that the reference gives the capped scores for the raw ones."""
    used = clean or inputs
    body = evaluate(opset, attributes, used, ask, body=True)
    answer = evaluate(opset, attributes, written_out(opset, used), ask)
    found = differ(answer, body)
    half = attributes.get("softmax_precision") in (TensorProto.FLOAT16, TensorProto.BFLOAT16)
    if found != (["qk_matmul_output"] if uncapped else []) and not half:
        raise AssertionError(f"{name}: reference and body differ in {found}")
    if uncapped:
        answer["qk_matmul_output"] = body["qk_matmul_output"]
    if clean and not any(np.isnan(x).any() for x in evaluate(opset, attributes, inputs,
                                                             ask).values()):
        raise AssertionError(f"{name}: the programs do give numbers")
    note = note or plain_answer(opset, attributes, used, ask, body)

    options, tensors = translate(opset, attributes, inputs)
    outputs = outputs_of(attributes, answer)
    options = with_returns(options, outputs)
    tolerance = {TensorProto.FLOAT16: "f16", TensorProto.BFLOAT16: "bf16"}.get(
        attributes.get("softmax_precision"), "fp32")
    golden.add(name, feature(options, tensors, outputs, kind=kind), options, tensors, outputs,
               tolerance=tolerance, opset=opset, note=note, **precision(attributes))


def written_out(opset, inputs):
    """The mask with a row for each query, for a reference that takes causal from the mask's rows;
    in opset 23, which says nothing of shorter masks, with a column for each key too."""
    if "attn_mask" not in inputs:
        return inputs
    mask, Q, K = inputs["attn_mask"], inputs["Q"], inputs["K"]
    queries = Q.shape[-2]
    keys = mask.shape[-1]
    if opset == 23:
        keys = K.shape[-2] + (inputs["past_key"].shape[2] if "past_key" in inputs else 0)
    shape = np.broadcast_shapes(mask.shape[:-1] + (1,), (queries, 1))[:-1] + (keys,)
    return {**inputs, "attn_mask": np.broadcast_to(mask, shape)}


def plain_answer(opset, attributes, inputs, ask, body):
    """A note where the reference, given the inputs as they are, says something else."""
    try:
        answer = evaluate(opset, attributes, inputs, ask)
    except ValueError:
        return "the Python reference refuses a mask of one axis with is_causal; its function body does not"
    if "attn_mask" in inputs and differ(answer, body) and "qk_matmul_output_mode" not in attributes:
        if inputs["attn_mask"].shape[-1] == 1:
            return ("opset 23 broadcasts a mask with one column, as its text and its function body; "
                    "the Python reference pads it, as later opsets do")
        return ("with a mask of one row the Python reference lets every query see what the first one "
                "may under is_causal; computed with the mask's rows written out, as its function body")
    return None


def operands(generator, *, rank=4, B=2, H=2, kv=2, L=3, S=5, D=3, Dv=2, past=0):
    shapes = ({"Q": (B, H, L, D), "K": (B, kv, S, D), "V": (B, kv, S, Dv)} if rank == 4 else
              {"Q": (B, L, H * D), "K": (B, S, kv * D), "V": (B, S, kv * Dv)})
    if past:
        shapes |= {"past_key": (B, kv, past, D), "past_value": (B, kv, past, Dv)}
    return {name: numbers(generator, *shape) for name, shape in shapes.items()}


def heads(rank, H, kv):
    return {"q_num_heads": H, "kv_num_heads": kv} if rank == 3 else {}


def own_cases(golden, opset):
    generator = np.random.default_rng(opset)
    add = lambda name, *rest, **more: own(golden, opset, name, *rest, **more)
    new = lambda **shape: operands(generator, **shape)

    # each attribute with each, in both ranks and with heads alike, grouped and one for all
    for number, (rank, (H, kv), causal, softcap, scale, mask) in enumerate(itertools.product(
            (3, 4), ((2, 2), (4, 2), (3, 1)), (0, 1), (0.0, 1.5), (None, 0.3),
            (None, "bool", "float"))):
        if number % 4 not in (0, 3):  # half of them: every pair of values stays
            continue
        inputs = new(rank=rank, H=H, kv=kv)
        shape = [(5,), (3, 5), (H, 3, 5), (2, 1, 1, 5), (2, H, 3, 5), (1, 5), (H, 1, 1)][number % 7]
        if mask:
            shown = visible(generator, *shape)
            inputs["attn_mask"] = shown if mask == "bool" else hidden_floats(shown, generator)
        attributes = {**heads(rank, H, kv), "is_causal": causal}
        attributes |= {"softcap": softcap} if softcap else {}
        attributes |= {"scale": scale} if scale else {}
        name = f"product_{number}_rank{rank}_heads{H}_{kv}"
        add(name, attributes, inputs, kind="attributes together")

    # every rank of a mask, and every axis of 1
    shapes = [(5,), (3, 5), (1, 5), (3, 1), (2, 3, 5), (1, 3, 5), (2, 1, 5), (2, 2, 3, 5),
              (2, 1, 3, 5), (1, 2, 3, 5), (2, 1, 1, 5), (1, 1, 1, 1)]
    for shape, kind in itertools.product(shapes, ("bool", "float")):
        shown = visible(generator, *shape) if shape[-1] > 1 else np.ones(shape, bool)
        mask = shown if kind == "bool" else hidden_floats(shown, generator)
        add(f"{kind}_mask_{'x'.join(map(str, shape))}", {}, {**new(), "attn_mask": mask},
            kind="masks of every shape")

    # causal with fewer, as many and more keys than queries, and every intermediate score
    for S in (2, 3, 5):
        add(f"causal_3_by_{S}", {"is_causal": 1}, new(S=S), kind="causal")
    for mode, softcap, mask in itertools.product(range(4), (0.0, 1.5), (None, "bool", "float")):
        inputs = new(kv=1)
        if mask:
            shown = visible(generator, 3, 5)
            inputs["attn_mask"] = shown if mask == "bool" else hidden_floats(shown, generator)
        attributes = {"qk_matmul_output_mode": mode, "is_causal": 1}
        attributes |= {"softcap": softcap} if softcap else {}
        deviates = mode == 0 and softcap > 0
        add(f"mode{mode}_softcap{softcap}_{mask}", attributes, inputs, ask=("Y", "qk_matmul_output"),
            uncapped=deviates,
            note="mode 0 is the raw product, as the specification's text and its function body have "
                 "it; the Python reference gives the capped score instead" if deviates else None)

    # the precision of the softmax: ours is fp32 throughout
    for kind in (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16):
        add(f"softmax_precision_{kind}", {"softmax_precision": kind, "qk_matmul_output_mode": 3},
            new(), ask=("Y", "qk_matmul_output"), kind="precision of the softmax")

    # past and present
    present = ("Y", "present_key", "present_value")
    for rank, causal, (H, kv), mask in itertools.product((3, 4), (0, 1), ((2, 2), (4, 2)),
                                                         (None, "bool", "float")):
        inputs = new(rank=rank, H=H, kv=kv, past=3, S=3)
        if mask:
            shown = visible(generator, 3, 6)
            inputs["attn_mask"] = shown if mask == "bool" else hidden_floats(shown, generator)
        add(f"past_rank{rank}_causal{causal}_heads{H}_{kv}_{mask}",
            {**heads(rank, H, kv), "is_causal": causal}, inputs, ask=present)
    add("past_one_query", {"is_causal": 1}, new(L=1, S=1, past=4), ask=present)
    add("past_scores", {"is_causal": 1, "qk_matmul_output_mode": 2, "softcap": 2.0},
        new(L=2, S=2, past=3), ask=(*present, "qk_matmul_output"))

    # rows without a key
    shown = visible(generator, 3, 5)
    shown[1] = False
    for kind, causal in itertools.product(("bool", "float"), (0, 1)):
        mask = shown if kind == "bool" else hidden_floats(shown, generator)
        add(f"empty_row_{kind}_causal{causal}", {"is_causal": causal, "qk_matmul_output_mode": 3},
            {**new(), "attn_mask": mask}, ask=("Y", "qk_matmul_output"), kind="empty rows")
    add("empty_everywhere", {}, {**new(), "attn_mask": np.zeros((3, 5), bool)}, kind="empty rows")
    poisoned_cases(add, new, generator)
    if opset >= 24:
        length_cases(add, new, generator)
    if opset >= 25:
        window_cases(add, new, generator)


def poisoned_cases(add, new, generator):
    """What stands in hidden keys and values must not matter, whatever it is."""
    note = ("computed with numbers in the hidden places: with these, both programs give NaN, for "
            "they add minus infinity to NaN and multiply it by a weight of 0; we select")
    for poison, kind in itertools.product((np.nan, np.inf, -np.inf), ("bool", "float")):
        clean = new()
        shown = visible(generator, 3, 5)
        shown[:, [2, 4]] = False
        shown[2] = False
        clean["attn_mask"] = shown if kind == "bool" else hidden_floats(shown)
        dirty = {key: value.copy() for key, value in clean.items()}
        for name in ("K", "V"):
            dirty[name][:, :, [2, 4]] = poison
        add(f"poison_{poison}_{kind}".replace("-", "minus_"), {}, dirty, clean=clean, note=note,
            kind="hidden poison")
    clean = new()
    clean["attn_mask"] = np.zeros((3, 5), bool)
    dirty = {**clean, "K": np.full_like(clean["K"], np.inf), "V": np.full_like(clean["V"], np.nan)}
    add("poison_everywhere", {}, dirty, clean=clean, note=note, kind="hidden poison")


def length_cases(add, new, generator):
    """Opset 24: nonpad_kv_seqlen, and masks that are shorter than the keys."""
    for causal, lengths in itertools.product((0, 1), ([5, 3], [4, 0], [2, 1], [5, 5])):
        attributes = {"is_causal": causal, "qk_matmul_output_mode": 3}
        name = f"lengths_{lengths[0]}_{lengths[1]}_causal{causal}"
        add(name, attributes, {**new(), "nonpad_kv_seqlen": np.array(lengths)},
            ask=("Y", "qk_matmul_output"),
            kind="empty rows" if 0 in lengths or causal and min(lengths) < 3 else "key lengths")
    for rank, (H, kv) in itertools.product((3, 4), ((4, 2), (3, 1))):
        add(f"lengths_rank{rank}_heads{H}_{kv}", {**heads(rank, H, kv), "is_causal": 1},
            {**new(rank=rank, H=H, kv=kv, L=2), "nonpad_kv_seqlen": np.array([4, 2])})
    for shape, kind in itertools.product([(3, 5), (2, 3, 5), (2, 1, 1, 5)], ("bool", "float")):
        shown = visible(generator, *shape)
        mask = shown if kind == "bool" else hidden_floats(shown, generator)
        add(f"lengths_and_{kind}_mask_rank{len(shape)}", {"is_causal": 1, "softcap": 2.0},
            {**new(), "attn_mask": mask, "nonpad_kv_seqlen": np.array([5, 4])}, kind="key lengths")
    for shape, kind, causal in itertools.product([(4,), (3, 4), (2, 3, 3), (2, 1, 3, 4)],
                                                 ("bool", "float"), (0, 1)):
        shown = visible(generator, *shape)
        mask = shown if kind == "bool" else hidden_floats(shown, generator)
        add(f"short_{kind}_mask_{'x'.join(map(str, shape))}_causal{causal}", {"is_causal": causal},
            {**new(), "attn_mask": mask}, kind="shorter masks")
    add("short_mask_and_past", {"is_causal": 1},
        {**new(past=3, S=3), "attn_mask": visible(generator, 3, 4)}, kind="shorter masks",
        ask=("Y", "present_key", "present_value"))
    add("short_mask_and_lengths", {},
        {**new(), "attn_mask": visible(generator, 3, 4), "nonpad_kv_seqlen": np.array([4, 2])},
        kind="shorter masks")
    add("decode_one_query", {"is_causal": 1}, {**new(L=1), "nonpad_kv_seqlen": np.array([4, 2])})


def window_cases(add, new, generator):
    """Opset 25: left_window_size and right_window_size."""
    sides = [(0, 0), (1, -1), (-1, 1), (2, 1), (0, 2), (9, 9), (-1, 0)]
    for (left, right), causal in itertools.product(sides, (0, 1)):
        attributes = {"left_window_size": left, "right_window_size": right, "is_causal": causal}
        tag = f"window_{left}_{right}_causal{causal}".replace("-1", "all")
        add(tag, attributes, new(L=4, S=5))
        add(f"{tag}_past", attributes, new(L=2, S=2, past=4), ask=("Y", "present_key", "present_value"),
            kind="window")
        add(f"{tag}_lengths", attributes, {**new(L=3, S=5), "nonpad_kv_seqlen": np.array([5, 3])},
            kind="window")
    add("window_more_queries", {"left_window_size": 1, "right_window_size": 0}, new(L=6, S=3),
        kind="empty rows")
    add("window_heads", {"left_window_size": 1, "right_window_size": 1, **heads(3, 4, 2)},
        new(rank=3, H=4, kv=2))
    for kind in ("bool", "float"):
        shown = visible(generator, 2, 4, 5)
        add(f"window_{kind}_mask", {"left_window_size": 2, "right_window_size": 1, "softcap": 2.0,
                                    "qk_matmul_output_mode": 2},
            {**new(L=4), "attn_mask": shown if kind == "bool" else hidden_floats(shown, generator)},
            ask=("Y", "qk_matmul_output"))


def main():
    files = {opset: Golden(f"onnx-{opset}", "tools/golden_onnx.py", {"onnx": onnx.__version__})
             for opset in (23, 24, 25)}
    node_cases(files)
    for opset, golden in files.items():
        own_cases(golden, opset)
        golden.write()


if __name__ == "__main__":
    main()
