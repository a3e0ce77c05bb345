// SPDX-License-Identifier: MIT
#include "io/json.h"

#include <cmath>
#include <limits>

#include "tensor/random.h"
#include "thrown.h"

namespace regard::io {
namespace {

Json parse(std::string_view text, const JsonOptions& options = {}) {
  return Json::parse(bytes_of(text), "config.json", options);
}

std::string complaint(std::string_view text, const JsonOptions& options = {}) {
  return thrown<FormatError>([&] { parse(text, options); });
}

TEST(JsonTest, ReadsEveryKindOfValue) {
  const Json json =
      parse(R"( {"b": [true, false, null], "a": {"x": 1.5}, "n": -3, "t": "é\n中"} )");
  const Json::Object& members = json.members("");
  ASSERT_EQ(members.size(), 4u);
  EXPECT_EQ(members[0].first, "b") << "members keep their order";
  EXPECT_TRUE(members[0].second.items("")[0].boolean(""));
  EXPECT_FALSE(members[0].second.items("")[1].boolean(""));
  EXPECT_TRUE(members[0].second.items("")[2].is_null());
  EXPECT_EQ(json.find("a")->find("x")->number(""), 1.5);
  EXPECT_EQ(json.find("n")->whole(""), -3);
  EXPECT_EQ(json.find("n")->number(""), -3.0);
  EXPECT_EQ(json.find("t")->text(""), "é\n中");
  EXPECT_EQ(json.find("missing"), nullptr);
  EXPECT_EQ(json.find("n")->find("n"), nullptr);
}

TEST(JsonTest, ReadsEscapesAndByteOrderMark) {
  EXPECT_EQ(parse("\xef\xbb\xbf\"\\u4e2d\\ud83d\\ude00\\u0000\\/\"").text(""),
            std::string("中😀\0/", 9));
}

TEST(JsonTest, WholeNumbersKeepAllTheirDigits) {
  EXPECT_EQ(parse("9223372036854775807").whole(""), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808").whole(""), std::numeric_limits<int64_t>::min());
  EXPECT_FALSE(parse("9223372036854775808").is_whole());
  EXPECT_FALSE(parse("1.0").is_whole());
  EXPECT_FALSE(parse("1e3").is_whole());
}

TEST(JsonTest, RefusesWhatIsNoJson) {
  EXPECT_EQ(complaint(""), "config.json: the document is empty, at byte 0");
  EXPECT_EQ(complaint("[1, 2"),
            "config.json: missing a comma or ']' after an array element, at byte 5");
  EXPECT_EQ(complaint("{\"a\": 1} x"),
            "config.json: the document root must not be followed by other values, at byte 9");
  EXPECT_EQ(complaint(std::string_view("[1]\0", 4)),
            "config.json: the text goes on after its value, at byte 3");
  for (const char* text : {"[1,]",
                           "{\"a\"}",
                           "{a: 1}",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "nul",
                           "'a'",
                           "\"a",
                           "[NaN]",
                           "[Infinity]",
                           "\"\\x\"",
                           "\"tab\there\"",
                           "[1 2]",
                           "1e400",
                           "// comment\n1",
                           "\"\\ud800\"",
                           "\"\\u12g4\"",
                           "{\"a\":1,}",
                           "]",
                           "-"}) {
    EXPECT_TRUE(complaint(text).starts_with("config.json: ")) << text;
  }
  EXPECT_EQ(complaint("\"\\udc00\""),
            "config.json: an escape is half of a surrogate pair, at byte 8");
}

TEST(JsonTest, RefusesWhatIsNoUtf8) {
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"", "\"\xe4\xb8\"", "{\"\x80\": 1}"}) {
    EXPECT_TRUE(complaint(text).starts_with("config.json: invalid encoding in string")) << text;
  }
}

TEST(JsonTest, RefusesDepthAndOnDemandDuplicates) {
  EXPECT_EQ(complaint(std::string(65, '[') + std::string(65, ']')),
            "config.json: values nest deeper than 64, at byte 64");
  EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')).is_array());
  EXPECT_TRUE(complaint(std::string(1'000'000, '[')).starts_with("config.json: values nest"));

  EXPECT_EQ(parse(R"({"a": 1, "a": 2})").find("a")->whole(""), 2) << "the last one counts";
  const JsonOptions strict = {.allow_duplicates = false};
  EXPECT_EQ(complaint(R"({"a": 1, "b": {"é": 1, "\u00e9": 2}})", strict),
            "config.json: the key \"é\" is there twice, at byte 35");
  EXPECT_TRUE(parse(R"([{"a": 1}, {"a": {"a": 2}}])", strict).is_array());
}

TEST(JsonTest, WritesWhatItReads) {
  const std::string text =
      R"({"z":[1,-2,0.1,1e300,5e-324,true,null],"a":{},"t":"\"\\\n\u0001中😀","e":[]})";
  EXPECT_EQ(parse(text).to_string(), text);
  EXPECT_EQ(Json(Json::Object{{"b", 1}, {"a", Json::Array{2.5, "x"}}}).to_string(),
            R"({"b":1,"a":[2.5,"x"]})");
}

TEST(JsonTest, NumbersRoundTrip) {
  Random random(11);
  for (int i = 0; i < 10000; ++i) {
    const double number = std::bit_cast<double>(random.bits());
    if (!std::isfinite(number)) continue;
    const Json again = parse(Json(number).to_string());
    EXPECT_EQ(again.number(""), number);
    EXPECT_FALSE(again.is_whole()) << "a fraction stays one: " << number;
    const int64_t whole = static_cast<int64_t>(random.bits());
    EXPECT_EQ(parse(Json(whole).to_string()).whole(""), whole);
  }
}

TEST(JsonTest, RefusesToWriteWhatJsonCannotHold) {
  EXPECT_EQ(thrown<ValueError>([] { Json(std::nan("")).to_string(); }),
            "json: a number is infinite or NaN, which JSON cannot hold");
  EXPECT_EQ(thrown<ValueError>([] { Json("\xff").to_string(); }),
            "json: a text is not UTF-8, as JSON must be");
}

// However bytes are changed, there is a value or a FormatError; sanitizers watch the rest.
TEST(JsonTest, SurvivesTruncationAndFlippedBytes) {
  const std::string text = R"({"a":[1,-2.5e3,{"b":"\u4e2d中\n"}],"c":null,"d":true})";
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_TRUE(complaint(text.substr(0, length)).starts_with("config.json: ")) << length;
  }
  Random random(5);
  int valid = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string changed = text;
    changed[random.below(text.size())] = static_cast<char>(random.bits());
    try {
      valid += !parse(changed).to_string().empty();
    } catch (const FormatError&) {
    }
  }
  EXPECT_GT(valid, 0);
  EXPECT_LT(valid, 10000);
}

TEST(FieldsTest, ReadsMembersByName) {
  const Json json =
      parse(R"({"d_model": 512, "dropout": 0, "scale": true, "name": "a", "no": null})");
  const Fields fields(json, "config.json");
  EXPECT_EQ(fields.whole("d_model"), 512);
  EXPECT_EQ(fields.number("dropout"), 0.0);
  EXPECT_TRUE(fields.boolean("scale"));
  EXPECT_EQ(fields.text("name"), "a");
  EXPECT_TRUE(fields.has("scale"));
  EXPECT_FALSE(fields.has("no")) << "null counts as absent";
  EXPECT_EQ(fields.whole("no", 3), 3);
  EXPECT_EQ(fields.number("missing", 0.5), 0.5);
  EXPECT_EQ(fields.text("missing", "b"), "b");
  EXPECT_FALSE(fields.boolean("missing", false));
  EXPECT_EQ(fields.whole("d_model", 3), 512);
}

TEST(FieldsTest, ErrorsNameTheFileAndTheKey) {
  const Json json = parse(R"({"d_model": "x", "long": ")" + std::string(30, 'a') + "中中中中中中" +
                          R"(", "half": 0.5, "list": [1]})");
  const Fields fields(json, "config.json");
  EXPECT_EQ(thrown<FormatError>([&] { fields.whole("d_model"); }),
            "config.json: d_model is \"x\", expected a whole number");
  EXPECT_EQ(thrown<FormatError>([&] { fields.whole("d_model", 3); }),
            "config.json: d_model is \"x\", expected a whole number");
  EXPECT_EQ(thrown<FormatError>([&] { fields.number("missing"); }),
            "config.json: missing is missing");
  EXPECT_EQ(thrown<FormatError>([&] { fields.whole("half"); }),
            "config.json: half is 0.5, expected a whole number");
  EXPECT_EQ(thrown<FormatError>([&] { fields.text("list"); }),
            "config.json: list is an array, expected a text");
  EXPECT_EQ(thrown<FormatError>([&] { fields.boolean("long"); }),
            "config.json: long is \"" + std::string(30, 'a') + "中中中…, expected true or false");
  EXPECT_EQ(thrown<FormatError>([] { Fields(Json(2), "config.json"); }),
            "config.json is 2, expected an object");
}

}  // namespace
}  // namespace regard::io
