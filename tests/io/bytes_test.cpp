// SPDX-License-Identifier: MIT
#include "io/bytes.h"

#include <limits>

#include "thrown.h"

namespace regard::io {
namespace {

TEST(BytesTest, NumbersAreReadAsTheyWereAppended) {
  Bytes bytes;
  append(bytes, uint8_t{7});
  append(bytes, uint32_t{0x01020304});
  append(bytes, -2.5f);
  append(bytes, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(bytes[1], 4) << "little-endian";

  ByteReader reader(bytes, "file");
  EXPECT_EQ(reader.read<uint8_t>(), 7);
  EXPECT_EQ(reader.read<uint32_t>(), 0x01020304u);
  EXPECT_EQ(reader.read<float>(), -2.5f);
  EXPECT_EQ(reader.position(), 9u);
  EXPECT_EQ(reader.read<uint64_t>(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(reader.at_end());
}

TEST(BytesTest, NothingIsReadBeyondTheEnd) {
  const Bytes bytes = {1, 2, 3};
  ByteReader reader(bytes, "file");
  EXPECT_EQ(reader.read<uint8_t>(), 1);
  EXPECT_EQ(thrown<FormatError>([&] { reader.read<uint32_t>(); }),
            "file: ends at byte 3, 4 more are expected after byte 1");
  // The sum of position and count would overflow.
  EXPECT_EQ(thrown<FormatError>([&] { reader.take(std::numeric_limits<uint64_t>::max()); }),
            "file: ends at byte 3, 18446744073709551615 more are expected after byte 1");
  EXPECT_EQ(reader.take(2)[1], 3) << "a failed read moves nothing";
}

}  // namespace
}  // namespace regard::io
