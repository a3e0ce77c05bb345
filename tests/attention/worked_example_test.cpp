// SPDX-License-Identifier: MIT
// The smallest example of attention that tutorials give: translating "Tom chase Jerry" into
// Chinese, how much each English word matters to each Chinese one.
#include <cmath>

#include "attention/attention.h"
#include "support/numbers.h"

namespace regard::attention {
namespace {

Tensor row(const std::vector<float>& numbers) {
  return Tensor::from({1, static_cast<Index>(numbers.size())}, numbers);
}

// Keys are the words themselves, one axis each; so a query's score for a word is its own number
// there, and scores of log p make softmax give p.
Tensor words() { return Tensor::from({3, 3}, std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1}); }

Tensor query_for(const std::vector<float>& shares) {
  std::vector<float> scores;
  for (const float share : shares) scores.push_back(std::log(share) + 3);  // any number will do
  return row(scores);
}

AttentionOptions options() {
  AttentionOptions result;
  result.score = Score::dot;
  result.weights = true;
  return result;
}

// A word's value: f(Tom), f(Chase), f(Jerry), two numbers each.
const std::vector<float> values = {1, 10, 2, 20, 4, 40};

struct Word {
  const char* name;
  std::vector<float> shares;
  std::vector<double> context;
};

// C_Jerry = 0.3 f(Tom) + 0.2 f(Chase) + 0.5 f(Jerry), C_Tom = 0.6 f(Tom) + 0.2 f(Chase) + 0.2
// f(Jerry)
const Word translated[] = {{"Jerry", {0.3f, 0.2f, 0.5f}, {2.7, 27.0}},
                           {"Tom", {0.6f, 0.2f, 0.2f}, {1.8, 18.0}}};

// A logarithm, three exponentials and two products, each rounded once or twice: 10 roundings.
TEST(WorkedExampleTest, TheContextOfAWordIsTheMeanOfTheSource) {
  for (const Word& word : translated) {
    const Attention result =
        attention(query_for(word.shares), words(), Tensor::from({3, 2}, values), options());
    testing::expect_close(result.weights.values(), testing::widened(word.shares), 10, word.name);
    testing::expect_close(result.output.values(), word.context, 10, word.name);
  }
}

// Without attention every word of the target gets the same: that model is distracted.
TEST(WorkedExampleTest, WithoutAttentionEveryWordGetsTheSame) {
  const Attention result =
      attention(row({0, 0, 0}), words(), Tensor::from({3, 2}, values), options());
  testing::expect_close(result.weights.values(), {{1.0 / 3, 1.0 / 3, 1.0 / 3}}, 4);
  testing::expect_close(result.output.values(), {{7.0 / 3, 70.0 / 3}}, 6);
}

// Hard attention translates word by word: the whole weight lies on the word itself.
TEST(WorkedExampleTest, HardAttentionTakesTheWordItself) {
  AttentionOptions hard = options();
  hard.alignment = Alignment::hard;
  const Attention jerry =
      attention(query_for(translated[0].shares), words(), Tensor::from({3, 2}, values), hard);
  testing::expect_same(jerry.weights.values(), {{0.0f, 0.0f, 1.0f}});
  testing::expect_same(jerry.output.values(), {{4.0f, 40.0f}});
  const Attention tom =
      attention(query_for(translated[1].shares), words(), Tensor::from({3, 2}, values), hard);
  testing::expect_same(tom.output.values(), {{1.0f, 10.0f}});
}

// If "Chase" is hidden, the others share its weight in their proportion: 0.3 to 0.5, 0.6 to 0.2.
TEST(WorkedExampleTest, AHiddenWordLeavesItsShareToTheOthers) {
  AttentionOptions without_chase = options();
  without_chase.key_mask = Tensor::from({3}, std::vector<float>{1, 0, 1});
  const double expected[][3] = {{0.375, 0, 0.625}, {0.75, 0, 0.25}};
  for (size_t i = 0; i < 2; ++i) {
    const Attention result = attention(query_for(translated[i].shares), words(),
                                       Tensor::from({3, 2}, values), without_chase);
    testing::expect_close(result.weights.values(), expected[i], 10, translated[i].name);
  }
}

}  // namespace
}  // namespace regard::attention
