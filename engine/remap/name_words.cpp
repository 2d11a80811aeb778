// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/name_words.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wr::remap {
namespace {

struct Leaf {
    std::string_view name;
    std::string_view plain;
    LeafLayout layout;
    bool isNorm;
    bool isLookup;
};

constexpr Leaf kLeaves[] = {
    {"kernel", "weight", LeafLayout::TensorFlow, false, false},
    {"weights", "weight", LeafLayout::TensorFlow, false, false},
    {"embeddings", "weight", LeafLayout::TensorFlow, false, true},
    {"gamma", "weight", LeafLayout::TensorFlow, true, false},
    {"scale", "weight", LeafLayout::TensorFlow, true, false},
    {"beta", "bias", LeafLayout::TensorFlow, true, false},
    {"biases", "bias", LeafLayout::TensorFlow, false, false},
    {"moving_mean", "running_mean", LeafLayout::TensorFlow, true, false},
    {"moving_variance", "running_var", LeafLayout::TensorFlow, true, false},
    {"weight", "weight", LeafLayout::Torch, false, false},
    {"running_mean", "running_mean", LeafLayout::Torch, true, false},
    {"running_var", "running_var", LeafLayout::Torch, true, false},
};

/// Words of one line mean the same; the first stands for them.
constexpr std::array<std::string_view, 8> kSynonyms[] = {
    {"weight", "weights", "kernel", "w", "gamma", "scale", "g"},
    {"bias", "biases", "b", "beta"},
    {"query", "q", "wq"},
    {"key", "k", "wk"},
    {"value", "v", "wv", "val"},
    {"output", "out", "o", "wo"},
    {"input", "in"},
    {"attention", "attn", "att"},
    {"norm", "ln", "layernorm", "rmsnorm", "bn", "batchnorm", "normalization"},
    {"embed", "embedding", "embeddings", "embd", "emb", "wte", "wpe"},
    {"mlp", "ffn", "feedforward", "ff"},
    {"convolution", "conv"},
    {"linear", "dense", "fc", "proj", "projection"},
    {"encoder", "enc"},
    {"decoder", "dec"},
    {"mean", "avg"},
    {"variance", "var"},
    {"token", "tok", "word"},
    {"position", "pos", "positional"},
};

/// Say where a tensor is, not what it is.
constexpr std::string_view kEmpty[] = {"layer",  "layers", "block",  "blocks", "blk",     "h",
                                       "model",  "module", "self",   "net",    "network", "running",
                                       "moving", "stage",  "stages", ""};

/// Of each line a name has at most one role.
constexpr std::array<std::string_view, 6> kRoles[] = {
    {"query", "key", "value"},
    {"up", "down", "gate"},
    {"encoder", "decoder"},
    {"weight", "bias"},
    {"mean", "variance"},
    {"input", "output"},
    {"pre", "post"},
    {"cross", "self"},
    {"min", "max"},
    {"token", "position", "type"},
    {"row", "column", "col"},
    {"left", "right"},
};

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool isLetter(char c)
{
    return isUpper(c) || (c >= 'a' && c <= 'z') || static_cast<signed char>(c) < 0;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::string_view synonymOf(std::string_view word)
{
    for (const auto& line : kSynonyms) {
        if (std::find(line.begin(), line.end(), word) != line.end() && !word.empty())
            return line.front();
    }
    return word;
}

void addWord(std::vector<std::string>& words, std::string word, bool hasDigits)
{
    // "fc1" and "fc2" are two words, "layer12" says nothing.
    std::string letters = word;
    while (!letters.empty() && isDigit(letters.back()))
        letters.pop_back();
    const std::string digits = word.substr(letters.size());
    const std::string_view plain = synonymOf(letters);
    if (std::find(std::begin(kEmpty), std::end(kEmpty), plain) == std::end(kEmpty))
        words.emplace_back(plain);
    if (hasDigits && !digits.empty() && !letters.empty() && plain != "layer" && plain != "block")
        words.push_back("#" + digits);
}

} // namespace

PlainName plainName(std::string_view name)
{
    if (name.ends_with(":0"))
        name.remove_suffix(2);
    PlainName plain;
    while (true) {
        const std::size_t at = std::min(name.find_first_of("./"), name.size());
        plain.parts.emplace_back(name.substr(0, at));
        if (at == name.size())
            break;
        name.remove_prefix(at + 1);
    }
    std::string& leaf = plain.parts.back();
    for (const Leaf& known : kLeaves) {
        if (leaf != known.name)
            continue;
        leaf = known.plain;
        plain.layout = known.layout;
        plain.isNorm = known.isNorm;
        plain.isLookup = known.isLookup;
        break;
    }
    return plain;
}

std::string PlainName::key(std::size_t from) const
{
    std::string text;
    for (std::size_t i = from; i < parts.size(); ++i)
        text += (i > from ? "." : "") + parts[i];
    return text;
}

std::vector<std::string> wordsOf(std::string_view name)
{
    if (name.ends_with(":0"))
        name.remove_suffix(2);
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty())
            addWord(words, word, true);
        word.clear();
    };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (!isLetter(c) && !isDigit(c)) {
            finish();
            continue;
        }
        const bool afterLower = i > 0 && isLetter(name[i - 1]) && !isUpper(name[i - 1]);
        if (isUpper(c) && afterLower)
            finish();
        // A number that begins a piece is an index, unless letters follow.
        if (isDigit(c) && word.empty())
            continue;
        word += lower(c);
    }
    finish();
    std::vector<std::string> unique;
    for (std::string& one : words) {
        if (std::find(unique.begin(), unique.end(), one) == unique.end())
            unique.push_back(std::move(one));
    }
    return unique;
}

double wordSimilarity(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    if (a.empty() || b.empty())
        return 0.0;
    std::size_t common = 0;
    for (const std::string& word : a)
        common += std::find(b.begin(), b.end(), word) != b.end() ? 1U : 0U;
    const auto all = static_cast<double>(a.size() + b.size() - common);
    constexpr double kTail = 0.1;
    const double same = static_cast<double>(common) / all;
    return std::min(1.0, same + (a.back() == b.back() ? kTail : 0.0) * (common > 1 ? 1.0 : 0.5));
}

bool rolesConflict(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    const auto has = [](const std::vector<std::string>& words, std::string_view word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    for (const auto& line : kRoles) {
        bool isInA = false;
        bool isInB = false;
        bool isShared = false;
        for (const std::string_view role : line) {
            if (role.empty())
                continue;
            isInA = isInA || has(a, role);
            isInB = isInB || has(b, role);
            isShared = isShared || (has(a, role) && has(b, role));
        }
        if (isInA && isInB && !isShared)
            return true;
    }
    // "fc1" and "fc2", "norm1" and "norm3"
    const auto numbers = [](const std::vector<std::string>& words) {
        std::vector<std::string> found;
        for (const std::string& word : words) {
            if (word.starts_with('#'))
                found.push_back(word);
        }
        return found;
    };
    const std::vector<std::string> mine = numbers(a);
    const std::vector<std::string> theirs = numbers(b);
    return !mine.empty() && !theirs.empty() && mine != theirs;
}

} // namespace wr::remap
