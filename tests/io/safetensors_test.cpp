// SPDX-License-Identifier: MIT
#include "io/safetensors.h"

#include <algorithm>
#include <cmath>

#include "io/file.h"
#include "tensor/random.h"
#include "thrown.h"

namespace regard::io {
namespace {

Bytes golden(const std::string& name) {
  return read_file(std::string(REGARD_GOLDEN_DIR) + "/io/" + name + ".safetensors");
}

// A file of a given header and as many bytes of data.
Bytes file_of(std::string_view header, size_t data) {
  Bytes bytes;
  append(bytes, uint64_t{header.size()});
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.resize(bytes.size() + data);
  return bytes;
}

std::string complaint(const Bytes& bytes) {
  return thrown<FormatError>([&] { Safetensors::read(bytes, "model.safetensors"); });
}

std::string complaint(std::string_view header, size_t data) {
  return complaint(file_of(header, data));
}

void expect_same(const Tensor& actual, const Tensor& expected, const std::string& name) {
  EXPECT_EQ(actual.shape(), expected.shape()) << name;
  for (Index i = 0; i < expected.count(); ++i) {
    const float a = actual.data()[i], b = expected.data()[i];
    EXPECT_TRUE(std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b) ||
                (std::isnan(a) && std::isnan(b)))
        << name << "[" << i << "] is " << a << ", expected " << b;
  }
}

TEST(SafetensorsTest, ReadsEveryTypeOfTheLibrary) {
  const Bytes bytes = golden("types");
  const Safetensors file = Safetensors::read(bytes, "types.safetensors");
  EXPECT_EQ(file.metadata().at("script"), "tools/golden_safetensors.py");

  int compared = 0;
  for (const std::string& name : file.names()) {
    if (!file.has(name + ".fp32")) continue;
    expect_same(file.tensor(name), file.tensor(name + ".fp32"), name);
    ++compared;
  }
  EXPECT_EQ(compared, 11);
  EXPECT_EQ(file.names().front(), "i64") << "in the order of the numbers";
  EXPECT_EQ(file.shape("scalar"), Shape{});
  EXPECT_EQ(file.tensor("scalar").data()[0], 7.25f);
  EXPECT_EQ(file.shape("empty"), (Shape{2, 0, 3}));
  EXPECT_EQ(file.shape("名字 \"quoted\" \n"), (Shape{2, 3}));
  EXPECT_EQ(file.dtype("bf16"), Dtype::BF16);
  EXPECT_EQ(file.bytes("bool").size(), 9u);
  EXPECT_EQ(file.ids("i32"), file.ids("i64"));
  EXPECT_EQ(file.ids("i32")[7], 2147483647);
}

TEST(SafetensorsTest, RefusesToReadATensorAsWhatItIsNot) {
  const Bytes bytes = golden("types");
  const Safetensors file = Safetensors::read(bytes, "t");
  EXPECT_EQ(thrown<FormatError>([&] { file.tensor("bool"); }),
            "t: tensor \"bool\" is BOOL, expected F16, BF16, F32, F64, I8, U8, I32 or I64");
  EXPECT_EQ(thrown<FormatError>([&] { file.ids("f32"); }),
            "t: tensor \"f32\" is F32, expected I32 or I64");
  EXPECT_EQ(thrown<FormatError>([&] { file.tensor("x\"y"); }), "t: there is no tensor \"x\\\"y\"");

  Bytes wide = file_of(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8);
  wide.back() = 1;
  const Safetensors big = Safetensors::read(wide, "t");
  EXPECT_EQ(thrown<FormatError>([&] { big.ids("a"); }),
            "t: tensor \"a\" holds 72057594037927936, no int32");

  const Bytes many =
      file_of(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1);
  const Safetensors deep = Safetensors::read(many, "t");
  EXPECT_EQ(thrown<FormatError>([&] { deep.tensor("a"); }),
            "t: tensor \"a\" has 7 axes, at most 6 are possible");
}

// The golden layouts hold one entry of metadata at most, because the library writes several in no
// fixed order.
TEST(SafetensorsTest, WritesTheBytesOfTheLibrary) {
  const std::pair<const char*, Dtype> layouts[] = {
      {"layout_f32", Dtype::F32}, {"layout_f16", Dtype::F16}, {"layout_bf16", Dtype::BF16}};
  for (const auto& [name, dtype] : layouts) {
    const Bytes expected = golden(name);
    const Safetensors file = Safetensors::read(expected, name);
    std::vector<std::pair<std::string, Tensor>> tensors;
    for (const std::string& one : file.names()) tensors.emplace_back(one, file.tensor(one));
    std::reverse(tensors.begin(), tensors.end());
    EXPECT_EQ(write_safetensors(tensors, dtype, {{"format", "pt"}}), expected) << name;
  }

  const Bytes expected = golden("layout_mixed");
  const Safetensors file = Safetensors::read(expected, "layout_mixed");
  std::vector<NamedTensor> tensors;
  for (const std::string& one : file.names()) {
    tensors.push_back({one, file.tensor(one), file.dtype(one)});
  }
  std::reverse(tensors.begin(), tensors.end());
  EXPECT_EQ(write_safetensors(tensors), expected);
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  const Metadata metadata = {{"format", "pt"}, {"名", "\"\n"}};
  Random random(2);
  for (const Dtype dtype :
       {Dtype::F32, Dtype::F16, Dtype::BF16, Dtype::F64, Dtype::I8, Dtype::I32, Dtype::I64}) {
    std::vector<NamedTensor> tensors;
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{3}, Shape{2, 1, 3, 1, 2, 1}}) {
      Tensor tensor = Tensor::empty(shape);
      // Whole numbers from -128 to 127 are exact in every type.
      for (float& value : tensor.values()) value = static_cast<float>(random.below(256)) - 128.0f;
      tensors.push_back({shape.to_string(), tensor, dtype});
    }
    const Bytes bytes = write_safetensors(tensors, metadata);
    EXPECT_EQ(ByteReader(bytes, "").read<uint64_t>() % 8, 0u) << "numbers are aligned";

    const Safetensors file = Safetensors::read(bytes, "again");
    EXPECT_EQ(file.metadata(), metadata);
    EXPECT_EQ(file.names().size(), tensors.size());
    for (const NamedTensor& tensor : tensors) {
      EXPECT_EQ(file.dtype(tensor.name), dtype);
      expect_same(file.tensor(tensor.name), tensor.tensor, tensor.name);
    }
  }
  const Bytes nothing = write_safetensors(std::vector<NamedTensor>{});
  EXPECT_TRUE(Safetensors::read(nothing, "nothing").names().empty());
}

TEST(SafetensorsTest, RefusesToWriteWhatTheFormatCannotHold) {
  const auto refusal = [](const std::vector<NamedTensor>& tensors) {
    return thrown<ValueError>([&] { write_safetensors(tensors); });
  };
  const Tensor one = Tensor::full({1}, 1.0f);
  EXPECT_EQ(refusal({{"a", one}, {"a", one, Dtype::F16}}),
            "write_safetensors: two tensors have the name \"a\"");
  EXPECT_EQ(refusal({{"__metadata__", one}}),
            "write_safetensors: tensor \"__metadata__\" has the name of the metadata");
  EXPECT_EQ(refusal({{"a", Tensor()}}), "write_safetensors: tensor \"a\" is undefined");
  EXPECT_EQ(refusal({{"a", one, Dtype::F8_E4M3}}),
            "write_safetensors: tensor \"a\" cannot be written as F8_E4M3");
  for (const auto& [value, dtype] :
       {std::pair{0.5f, Dtype::I8}, std::pair{128.0f, Dtype::I8}, std::pair{-129.0f, Dtype::I8},
        std::pair{NAN, Dtype::I32}, std::pair{2147483648.0f, Dtype::I32},
        std::pair{INFINITY, Dtype::I64}}) {
    EXPECT_TRUE(refusal({{"a", Tensor::full({1}, value), dtype}}).ends_with("its dtype")) << value;
  }
  EXPECT_NO_THROW(
      write_safetensors({NamedTensor{"a", Tensor::full({1}, -2147483648.0f), Dtype::I32}}));
}

// --- each rule of the format, broken once ---

TEST(SafetensorsRules, TheHeaderHasALength) {
  EXPECT_EQ(complaint(Bytes(7)),
            "model.safetensors: is 7 bytes long, too short for the length of a header");
  Bytes huge(8);
  huge[4] = 1;
  EXPECT_EQ(complaint(huge),
            "model.safetensors: the header is said to be 4294967296 bytes long, at most 100000000 "
            "are allowed");
  Bytes cut = file_of("{}  ", 0);
  cut.pop_back();
  EXPECT_EQ(complaint(cut),
            "model.safetensors: the header is said to be 4 bytes long, the file holds 3 after its "
            "length");
}

TEST(SafetensorsRules, TheHeaderIsAnObjectAndMayBePadded) {
  EXPECT_EQ(complaint("", 0), "model.safetensors: the header does not begin with {");
  EXPECT_EQ(complaint(" {}", 0), "model.safetensors: the header does not begin with {");
  EXPECT_EQ(complaint("\xef\xbb\xbf{}", 0), "model.safetensors: the header does not begin with {");
  EXPECT_EQ(complaint("{\"a\"}", 0),
            "model.safetensors: header: missing a colon after a name of object member, at byte 4");
  EXPECT_EQ(complaint("{}x", 0),
            "model.safetensors: header: the document root must not be followed by other values, at "
            "byte 2");
  EXPECT_EQ(complaint(std::string_view("{}\0", 3), 0),
            "model.safetensors: header: the text goes on after its value, at byte 2");
  EXPECT_TRUE(complaint("{\"\xff\":1}", 0).starts_with("model.safetensors: header: invalid enc"));
  const Bytes padded = file_of("{}      ", 0);
  EXPECT_TRUE(Safetensors::read(padded, "padded").names().empty());
}

TEST(SafetensorsRules, NamesComeOnce) {
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                      R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                      2),
            "model.safetensors: header: the key \"a\" is there twice, at byte 104");
}

TEST(SafetensorsRules, MetadataMapsTextsToTexts) {
  EXPECT_EQ(complaint(R"({"__metadata__":{"step":3}})", 0),
            "model.safetensors: __metadata__: step is 3, expected a text");
  EXPECT_EQ(complaint(R"({"__metadata__":[]})", 0),
            "model.safetensors: __metadata__ is an array, expected an object");
}

TEST(SafetensorsRules, TensorsAreDescribed) {
  const std::string tensor = "model.safetensors: tensor \"a\"";
  EXPECT_EQ(complaint(R"({"a":1})", 0), tensor + " is 1, expected an object");
  EXPECT_EQ(complaint(R"({"a":{"shape":[],"data_offsets":[0,4]}})", 4),
            tensor + ": dtype is missing");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4),
            tensor + ": shape is missing");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[]}})", 4),
            tensor + ": data_offsets is missing");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F33","shape":[],"data_offsets":[0,4]}})", 4),
            tensor + " has the unknown dtype \"F33\"");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4),
            tensor + ": a size is -1, below 0");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4),
            tensor + ": a size is 1.0, expected a whole number");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0]}})", 4),
            tensor + " has 1 data_offsets, expected 2");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[-4,0]}})", 4),
            tensor + ": its begin is -4, below 0");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[4,0]}})", 4),
            tensor + " ends at 0, before it begins at 4");
}

TEST(SafetensorsRules, ShapeAndTypeGiveTheSize) {
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
            "model.safetensors: tensor \"a\" takes 8 bytes, its dtype and shape take 12");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", 2),
            "model.safetensors: tensor \"a\" does not end at a whole byte");
  const Bytes packed = file_of(R"({"a":{"dtype":"F6_E3M2","shape":[4],"data_offsets":[0,3]}})", 3);
  EXPECT_EQ(Safetensors::read(packed, "packed").bytes("a").size(), 3u);

  const std::string overflow =
      "model.safetensors: tensor \"a\" has more elements than can be addressed";
  EXPECT_EQ(
      complaint(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
      overflow);
  EXPECT_EQ(
      complaint(R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0),
      overflow)
      << "2^61 elements of 64 bits are 0 modulo 2^64";
}

TEST(SafetensorsRules, TensorsLieWithoutHolesAndOverlapUpToTheEnd) {
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[90],"data_offsets":[0,90]}})", 80),
            "model.safetensors: tensor \"a\" ends at 90, the file holds 80");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[80],"data_offsets":[0,80]}})", 90),
            "model.safetensors: the tensors end at 80, the file holds 90");
  EXPECT_EQ(complaint("{}", 1), "model.safetensors: the tensors end at 0, the file holds 1");
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3),
            "model.safetensors: tensor \"a\" begins at 1, after a hole from 0");
  EXPECT_EQ(complaint(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]},)"
                      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                      5),
            "model.safetensors: tensor \"b\" begins at 3, after a hole from 2");
  EXPECT_EQ(complaint(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},)"
                      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                      3),
            "model.safetensors: tensor \"b\" begins at 1, inside of the tensor before, which ends "
            "at 2");
}

// --- damage ---

TEST(SafetensorsDamage, EveryTruncationIsRefused) {
  const Bytes whole = golden("types");
  for (size_t length = 0; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
    EXPECT_TRUE(complaint(cut).starts_with("model.safetensors: ")) << length;
  }
}

// However bytes are changed, there is a file or a FormatError; sanitizers watch the rest.
TEST(SafetensorsDamage, FlippedBytesAreReadOrRefused) {
  const Bytes whole = golden("types");
  Random random(9);
  int read = 0;
  for (int i = 0; i < 10000; ++i) {
    Bytes changed = whole;
    changed[random.below(whole.size())] ^= static_cast<uint8_t>(1 + random.below(255));
    try {
      const Safetensors file = Safetensors::read(changed, "changed");
      for (const std::string& name : file.names()) {
        if (file.dtype(name) != Dtype::BOOL) file.tensor(name);
      }
      ++read;
    } catch (const FormatError&) {
    }
  }
  // A third of the bytes are numbers, whose change cannot be noticed.
  EXPECT_GT(read, 3000);
  EXPECT_LT(read, 7000);
}

}  // namespace
}  // namespace regard::io
