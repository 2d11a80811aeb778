// SPDX-License-Identifier: GPL-3.0-or-later
// What the matcher makes of the names of well-known architectures: nothing wrong is accepted, nearly all is
// accepted without a question, and what is asked has the right answer among the first three.
#include "tests/remap/architecture_names.h"

#include <QRegularExpression>
#include <QTest>
#include <algorithm>
#include <random>
#include <set>

using namespace wr;
using namespace wr::remap;

namespace {

std::vector<NamedPair> allPairs()
{
    std::vector<NamedPair> all;
    for (const auto& pairs : {decoderPairs(), encoderPairs(), visionPairs(), otherPairs()}) {
        for (const NamedPair& pair : pairs) {
            all.push_back(pair);
            if (pair.canTurn)
                all.push_back(pair.turned());
        }
    }
    return all;
}

std::vector<TensorSpec> specsOf(const std::vector<MatchTensor>& tensors)
{
    std::vector<TensorSpec> specs;
    for (const MatchTensor& tensor : tensors)
        specs.push_back(tensor.spec);
    return specs;
}

bool hasSources(const MatchCandidate& candidate, const Truth& truth, const std::vector<TensorSpec>& sources)
{
    return candidate.recipe.inputs.size() == truth.sources.size() &&
           std::equal(truth.sources.begin(), truth.sources.end(), candidate.recipe.inputs.begin(),
                      [&](const std::string& name, const RecipeInput& input) {
                          return sources[input.source].name == name;
                      });
}

std::string operationsOf(const Recipe& recipe)
{
    std::vector<Operation> all = recipe.inputs.front().operations;
    if (recipe.joint)
        all.push_back(*recipe.joint);
    all.insert(all.end(), recipe.after.begin(), recipe.after.end());
    return textOf(all);
}

struct Outcome {
    std::size_t accepted = 0;
    std::size_t review = 0;
    QStringList wrong;
    QStringList lost; ///< not accepted, and the right one is not among the first three
};

Outcome judge(const NamedPair& pair, const MatchResult& result)
{
    Outcome outcome;
    const std::vector<TensorSpec> sources = specsOf(pair.sources);
    for (std::size_t t = 0; t < pair.targets.size(); ++t) {
        const std::string& name = pair.targets[t].spec.name;
        const Match& match = result.targets[t];
        const auto truth = pair.truth.find(name);
        const QString told = QString::fromStdString(
            name + (match.candidates.empty()
                        ? std::string(": nothing")
                        : " <- " + sources[match.candidates.front().recipe.inputs.front().source].name +
                              " | " + operationsOf(match.candidates.front().recipe) + " (" +
                              match.candidates.front().why + ") " + match.question));
        if (match.confidence == Confidence::Accepted) {
            const MatchCandidate& first = match.candidates.front();
            const bool isRight =
                truth != pair.truth.end() && hasSources(first, truth->second, sources) &&
                (truth->second.operations == "?" || truth->second.operations == operationsOf(first.recipe));
            ++outcome.accepted;
            if (!isRight)
                outcome.wrong += told;
            continue;
        }
        if (truth == pair.truth.end())
            continue;
        ++outcome.review;
        const std::size_t count = std::min<std::size_t>(3, match.candidates.size());
        const bool isThere = std::any_of(
            match.candidates.begin(), match.candidates.begin() + static_cast<std::ptrdiff_t>(count),
            [&](const MatchCandidate& one) { return hasSources(one, truth->second, sources); });
        if (!isThere)
            outcome.lost += told;
    }
    return outcome;
}

} // namespace

class TestMatcherArchitectures : public QObject {
    Q_OBJECT

private slots:
    void pairs_data();
    void pairs();
    void holesMisleadNobody_data() { pairs_data(); }
    void holesMisleadNobody();
    void strangeWordsMisleadNobody_data() { pairs_data(); }
    void strangeWordsMisleadNobody();
    void headsAreAskedFor();
    void orderUnknownIsAskedFor();
};

void TestMatcherArchitectures::pairs_data()
{
    QTest::addColumn<int>("index");
    const std::vector<NamedPair> all = allPairs();
    for (std::size_t i = 0; i < all.size(); ++i)
        QTest::newRow(qPrintable(all[i].name)) << static_cast<int>(i);
}

void TestMatcherArchitectures::pairs()
{
    static const std::vector<NamedPair> all = allPairs();
    QFETCH(int, index);
    const NamedPair& pair = all[static_cast<std::size_t>(index)];
    const MatchResult result = matchTensors(pair.sources, pair.targets, pair.options);
    const Outcome outcome = judge(pair, result);
    qInfo("%-52s %6zu targets: %6zu accepted, %4zu to review, %lld wrong, %lld without the right answer",
          qPrintable(pair.name), pair.targets.size(), outcome.accepted, outcome.review,
          static_cast<long long>(outcome.wrong.size()), static_cast<long long>(outcome.lost.size()));
    QVERIFY2(outcome.wrong.isEmpty(), qPrintable(outcome.wrong.mid(0, 12).join("\n")));
    QVERIFY2(outcome.lost.isEmpty(), qPrintable(outcome.lost.mid(0, 12).join("\n")));
    if (pair.needsNoQuestion)
        QVERIFY2(100 * outcome.accepted >= 85 * pair.truth.size(), "too many questions");
}

// A third of the tensors of each side is missing: what has no counterpart gets none.
void TestMatcherArchitectures::holesMisleadNobody()
{
    static const std::vector<NamedPair> all = allPairs();
    QFETCH(int, index);
    if (all[static_cast<std::size_t>(index)].targets.size() > 2000)
        QSKIP("many names of few templates");
    for (std::uint32_t seed = 1; seed <= 2; ++seed) {
        NamedPair pair = all[static_cast<std::size_t>(index)];
        std::mt19937 random(seed);
        std::map<std::string, bool> isGone; // whole roles, so that no naming is complete
        const auto goes = [&](const MatchTensor& tensor) {
            std::string role = tensor.spec.name;
            std::erase_if(role, [](char c) { return c >= '0' && c <= '9'; });
            const auto [found, isNew] = isGone.emplace(role, false);
            if (isNew)
                found->second = random() % 3 == 0;
            return found->second;
        };
        std::erase_if(pair.sources, goes);
        isGone.clear();
        std::erase_if(pair.targets, goes);
        std::set<std::string> left;
        for (const MatchTensor& tensor : pair.sources)
            left.insert(tensor.spec.name);
        std::erase_if(pair.truth, [&](const auto& entry) {
            return std::any_of(entry.second.sources.begin(), entry.second.sources.end(),
                               [&](const std::string& name) { return left.count(name) == 0; });
        });
        const Outcome outcome = judge(pair, matchTensors(pair.sources, pair.targets, pair.options));
        QVERIFY2(outcome.wrong.isEmpty(), qPrintable(outcome.wrong.mid(0, 12).join("\n")));
    }
}

// Words of one side are replaced by others that exist, so that similar names are those of other roles.
void TestMatcherArchitectures::strangeWordsMisleadNobody()
{
    static const std::vector<NamedPair> all = allPairs();
    QFETCH(int, index);
    if (all[static_cast<std::size_t>(index)].targets.size() > 2000)
        QSKIP("many names of few templates");
    const auto wordsOfName = [](const std::string& name) {
        return QString::fromStdString(name).split(QRegularExpression("[./]"), Qt::SkipEmptyParts);
    };
    for (std::uint32_t seed = 1; seed <= 2; ++seed) {
        NamedPair pair = all[static_cast<std::size_t>(index)];
        std::mt19937 random(seed);
        QStringList words;
        for (const MatchTensor& tensor : pair.sources) {
            for (const QString& word : wordsOfName(tensor.spec.name)) {
                if (!words.contains(word) &&
                    !word.contains(QRegularExpression("^\\d|weight|bias|kernel|layer|block|gamma|beta")))
                    words += word;
            }
        }
        std::map<std::string, std::string> renamed;
        std::set<std::string> taken;
        QStringList others = words;
        std::shuffle(others.begin(), others.end(), random);
        for (MatchTensor& tensor : pair.sources) {
            QString name = QString::fromStdString(tensor.spec.name);
            for (qsizetype i = 0; i < words.size(); i += 2) // every other word
                name.replace(
                    QRegularExpression("(^|[./])" + QRegularExpression::escape(words[i]) + "(?=$|[./])"),
                    "\\1" + others[i]);
            if (!taken.insert(name.toStdString()).second)
                name = "own." + QString::fromStdString(tensor.spec.name);
            taken.insert(name.toStdString());
            renamed[tensor.spec.name] = name.toStdString();
            tensor.spec.name = name.toStdString();
        }
        for (auto& [target, truth] : pair.truth) {
            for (std::string& source : truth.sources)
                source = renamed[source];
        }
        const Outcome outcome = judge(pair, matchTensors(pair.sources, pair.targets, pair.options));
        QVERIFY2(outcome.wrong.isEmpty(), qPrintable(outcome.wrong.mid(0, 12).join("\n")));
    }
}

// Without the number of heads the pairs are known, but not how rows of queries and keys are ordered.
void TestMatcherArchitectures::headsAreAskedFor()
{
    NamedPair pair = decoderPairs().front();
    pair.options.heads = {};
    const MatchResult result = matchTensors(pair.sources, pair.targets, pair.options);
    QCOMPARE(result.count(Confidence::Review), std::size_t{64});
    QCOMPARE(result.count(Confidence::Accepted), pair.truth.size() - 64);
    for (const Match& match : result.targets) {
        if (match.confidence == Confidence::Review)
            QVERIFY2(match.question.find("heads") != std::string::npos, match.question.c_str());
    }
    QVERIFY(judge(pair, result).lost.isEmpty());
}

// GGUF files of other architectures have the same names and another order of rows.
void TestMatcherArchitectures::orderUnknownIsAskedFor()
{
    NamedPair pair = decoderPairs().front();
    pair.options.architecture.clear();
    const MatchResult result = matchTensors(pair.sources, pair.targets, pair.options);
    QCOMPARE(result.count(Confidence::Review), std::size_t{64});
    QVERIFY(judge(pair, result).wrong.isEmpty());
    pair.options.architecture = "granite"; // nobody told how that one is written
    QCOMPARE(matchTensors(pair.sources, pair.targets, pair.options).count(Confidence::Review),
             std::size_t{64});
    pair.options.architecture = "qwen3";
    const MatchResult halves = matchTensors(pair.sources, pair.targets, pair.options);
    QCOMPARE(halves.count(Confidence::Accepted), pair.targets.size());
    for (const Match& match : halves.targets)
        QVERIFY(match.candidates.front().recipe.isCopy());
}

QTEST_GUILESS_MAIN(TestMatcherArchitectures)
#include "tst_matcher_architectures.moc"
