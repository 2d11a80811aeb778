// SPDX-License-Identifier: GPL-3.0-or-later
// Two checkpoints compared: pairs, kinds, numbers, order.
#include "engine/remap/comparison.h"
#include "engine/remap/tensor_operation.h"
#include "tests/checkpoint/sample_tensors.h"
#include "tests/checkpoint/saved_checkpoints.h"

#include <QFile>
#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::remap;
using namespace wr::checkpoint;

namespace {

Tensor applied(const char* operations, const Tensor& tensor)
{
    return *applyOperations(*parseOperations(operations), tensor);
}

const TensorPair* find(const Comparison& comparison, const char* name)
{
    for (const TensorPair& pair : comparison.pairs) {
        if (pair.nameB == name || (pair.nameB.empty() && pair.nameA == name))
            return &pair;
    }
    return nullptr;
}

} // namespace

class TestComparison : public QObject {
    Q_OBJECT

private slots:
    void kindsInOrder();
    void numbers();
    void numbersOfLargeTensors();
    void recognisesArrangements();
    void pairsWhatIsRenamed();
    void tolerances();
    void surprise();
    void goesOnPastDamage();
    void cancels();

private:
    std::shared_ptr<const CheckpointReader> saved(const char* name, const std::vector<NamedTensor>& tensors)
    {
        SaveOptions options;
        options.replace = true;
        return m_files.save(name, tensors, options);
    }
    SavedCheckpoints m_files;
};

void TestComparison::kindsInOrder()
{
    const auto a = saved("a", {{"same", Tensor::of<float>({1, 2}, {2})},
                               {"gone", Tensor::of<float>({1, 5, 7}, {3})},
                               {"shape", Tensor::of<float>({1, 2}, {2})},
                               {"type", Tensor::of<float>({1.5F, 2}, {2})},
                               {"little", Tensor::of<float>({100, 100}, {2})},
                               {"much", Tensor::of<float>({1, 1}, {2})},
                               {"zero", Tensor::of<float>({0, 0}, {2})},
                               {"nan", Tensor::of<float>({1, 1}, {2})},
                               {"old nan", Tensor::of<float>({NAN, 1}, {2})}});
    const auto b = saved("b", {{"same", Tensor::of<float>({1, 2}, {2})},
                               {"new", Tensor::of<float>({1}, {1})},
                               {"shape", Tensor::of<float>({1, 2, 3}, {3})},
                               {"type", Tensor::of<double>({1.5, 2}, {2})},
                               {"little", Tensor::of<float>({100, 101}, {2})},
                               {"much", Tensor::of<float>({1, 9}, {2})},
                               {"zero", Tensor::of<float>({0, 1}, {2})},
                               {"nan", Tensor::of<float>({1, NAN}, {2})},
                               {"old nan", Tensor::of<float>({NAN, 1}, {2})}});
    const auto comparison = compareCheckpoints(*a, *b);
    QVERIFY(comparison);
    QStringList order;
    for (const TensorPair& pair : comparison->pairs)
        order += QString::fromStdString(pair.nameB.empty() ? pair.nameA : pair.nameB);
    QCOMPARE(order, (QStringList{"nan", "shape", "type", "gone", "new", "zero", "much", "little", "old nan",
                                 "same"}));
    QVERIFY(std::isinf(find(*comparison, "zero")->numbers.relativeL2));
    QCOMPARE(find(*comparison, "nan")->numbers.nanB, 1);
    QVERIFY(find(*comparison, "same")->byDigest);
    QVERIFY(find(*comparison, "type")->isSame); // the same values in another type
    QVERIFY(!comparison->isEqual());
    QVERIFY(compareCheckpoints(*a, *a)->isEqual());
}

void TestComparison::numbers()
{
    const auto a = saved("a", {{"w", Tensor::of<float>({1, -2, 0, 4}, {4})},
                               {"n", Tensor::of<std::int64_t>({(1LL << 60) + 1}, {1})}});
    const auto b = saved("b", {{"w", Tensor::of<float>({1, 2, 0, std::nextafterf(4, 5)}, {4})},
                               {"n", Tensor::of<std::int64_t>({1LL << 60}, {1})}});
    const auto comparison = compareCheckpoints(*a, *b);
    QVERIFY(comparison);
    const PairNumbers& n = find(*comparison, "w")->numbers;
    QCOMPARE(n.elements, 4);
    QCOMPARE(n.maxAbs, 4.0);
    QCOMPARE(n.maxIndex, 1);
    QCOMPARE(n.changed, 2);
    QCOMPARE(n.signFlips, 1);
    QCOMPARE(n.zerosA, 1);
    QVERIFY(std::fabs(n.relativeL2 - 4.0 / std::sqrt(21.0)) < 1e-9);
    QVERIFY(std::fabs(n.mean - 1.0) < 1e-6);
    QVERIFY(std::fabs(n.rms - 2.0) < 1e-6);
    QVERIFY(std::fabs(n.cosine - 13.0 / 21.0) < 1e-6);
    QVERIFY(std::fabs(n.meanA - 0.75) < 1e-12);
    QCOMPARE(n.maxUlps, std::uint64_t{0x80000000U});       // −2 and 2
    QCOMPARE(find(*comparison, "n")->numbers.maxAbs, 1.0); // doubles would see no difference
}

// Past the borders of pieces, against plain sums.
void TestComparison::numbersOfLargeTensors()
{
    const std::vector<NamedTensor> first{{"w", weightsOf(DType::Float32, Shape{700, 801}, 1)}};
    const std::vector<NamedTensor> second = later(first, 1e-3F, 2);
    const auto comparison = compareCheckpoints(*saved("a", first), *saved("b", second));
    QVERIFY(comparison);
    double squares = 0.0;
    double norm = 0.0;
    for (std::int64_t i = 0; i < first[0].tensor.elementCount(); ++i) {
        const double x = first[0].tensor.valueAt(i);
        const double delta = second[0].tensor.valueAt(i) - x;
        squares += delta * delta;
        norm += x * x;
    }
    QCOMPARE(comparison->pairs.size(), std::size_t{1});
    QVERIFY(std::fabs(comparison->pairs[0].numbers.relativeL2 / std::sqrt(squares / norm) - 1.0) < 1e-12);
}

void TestComparison::recognisesArrangements()
{
    const Tensor w = weightsOf(DType::Float32, Shape{32, 32}, 1);
    const Tensor wide = weightsOf(DType::Float32, Shape{8, 40}, 2);
    const auto a =
        saved("a", {{"square", w}, {"turned", wide}, {"cast", wide}, {"heads", w}, {"shape", wide}});
    const auto b = saved("b", {{"square", applied("transpose", w)},
                               {"turned", applied("transpose", wide)},
                               {"cast", applied("cast(bfloat16)", wide)},
                               {"heads", applied("heads(4, pairs)", w)},
                               {"shape", applied("reshape(40, 8)", wide)}});
    const auto comparison = compareCheckpoints(*a, *b);
    QVERIFY(comparison);
    const auto operation = [&](const char* name) {
        const TensorPair* const pair = find(*comparison, name);
        return pair->isSame ? QString::fromStdString(pair->operation) : QStringLiteral("differs");
    };
    QCOMPARE(operation("square"), "transpose");
    QCOMPARE(operation("turned"), "transpose");
    QCOMPARE(operation("cast"), "cast(bfloat16)");
    QCOMPARE(operation("heads"), "heads(4, pairs)");
    QCOMPARE(operation("shape"), "reshape(40, 8)");
    QCOMPARE(find(*comparison, "square")->kind, PairKind::Changed);
    QCOMPARE(find(*comparison, "turned")->kind, PairKind::Reshaped);
}

void TestComparison::pairsWhatIsRenamed()
{
    std::vector<NamedTensor> first;
    std::vector<NamedTensor> second;
    for (int i = 0; i < 4; ++i) {
        const std::string from = "h." + std::to_string(i) + ".attn.";
        const Tensor q = weightsOf(DType::Float32, Shape{16, 24}, static_cast<std::uint32_t>(10 * i));
        const Tensor k = weightsOf(DType::Float32, Shape{16, 24}, static_cast<std::uint32_t>(10 * i + 1));
        first.push_back({from + "q.weight", q});
        first.push_back({from + "k.weight", k});
        second.push_back({"blocks/" + std::to_string(i) + "/qk",
                          *joinTensors({OperationKind::Concat, {0}}, std::vector<Tensor>{q, k})});
    }
    const Tensor moved = weightsOf(DType::Float32, Shape{50}, 99);
    first.push_back({"here", moved});
    second.push_back({"there", moved});
    const auto a = saved("a", first);
    const auto b = saved("b", second);
    const auto comparison = compareCheckpoints(*a, *b);
    QVERIFY(comparison);
    QCOMPARE(comparison->pairs.size(), std::size_t{5});
    QCOMPARE(find(*comparison, "there")->kind, PairKind::Renamed);
    QCOMPARE(find(*comparison, "there")->nameA, std::string("here"));
    QVERIFY(!find(*comparison, "there")->reason.empty());
    const TensorPair* const joined = find(*comparison, "blocks/2/qk");
    QCOMPARE(joined->nameA, std::string("h.2.attn.q.weight + h.2.attn.k.weight"));
    QVERIFY(joined->isSame);
    ComparisonOptions options;
    options.pairsByNameOnly = true;
    QCOMPARE(compareCheckpoints(*a, *b, options)->count(PairKind::Removed), std::size_t{9});
}

void TestComparison::tolerances()
{
    const auto a = saved("a", {{"w", Tensor::of<float>({1, 100, 1}, {3})}});
    const auto b = saved("b", {{"w", Tensor::of<float>({1.05F, 101, 2}, {3})}});
    ComparisonOptions options;
    options.absoluteTolerance = 0.1;
    options.relativeTolerance = 0.01;
    const auto comparison = compareCheckpoints(*a, *b, options);
    QCOMPARE(comparison->pairs[0].numbers.changed, 3);
    QCOMPARE(comparison->pairs[0].numbers.beyond, 1);
}

// All layers moved alike but for one, which moved less.
void TestComparison::surprise()
{
    std::vector<NamedTensor> first;
    std::vector<NamedTensor> second;
    for (int i = 0; i < 12; ++i) {
        const std::vector<NamedTensor> one{
            {"layers." + std::to_string(i) + ".w",
             weightsOf(DType::Float32, Shape{60, 50}, static_cast<std::uint32_t>(i))}};
        first.push_back(one[0]);
        second.push_back(later(one, i == 7 ? 1e-4F : 1e-2F, static_cast<std::uint32_t>(50 + i))[0]);
    }
    const auto comparison = compareCheckpoints(*saved("a", first), *saved("b", second));
    const auto most =
        std::max_element(comparison->pairs.begin(), comparison->pairs.end(),
                         [](const TensorPair& x, const TensorPair& y) { return x.surprise < y.surprise; });
    QCOMPARE(most->nameB, std::string("layers.7.w"));
    QVERIFY(most->surprise > 10.0);
}

void TestComparison::goesOnPastDamage()
{
    const std::vector<NamedTensor> tensors{{"a", weightsOf(DType::Float32, Shape{400, 700}, 1)},
                                           {"z", weightsOf(DType::Float32, Shape{400, 700}, 2)}};
    const auto whole = saved("whole", tensors);
    QVERIFY(saved("hurt", later(tensors, 1e-3F, 3)));
    QFile file(QString::fromStdString(m_files.path("hurt")));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(20'000));
    QVERIFY(file.putChar('\x55') && file.putChar('\x55') && file.putChar('\x55'));
    file.close();
    const auto hurt = openCheckpoint(Vfs::posix(), m_files.path("hurt"));
    QVERIFY(hurt);
    const auto comparison = compareCheckpoints(*whole, **hurt);
    QVERIFY(comparison);
    QCOMPARE(comparison->pairs[0].kind, PairKind::Damaged);
    QVERIFY(comparison->pairs[0].problem.find("hurt") != std::string::npos);
    QCOMPARE(comparison->count(PairKind::Changed), std::size_t{1});
}

void TestComparison::cancels()
{
    const auto a = saved("a", {{"w", weightsOf(DType::Float32, Shape{10}, 1)}});
    const auto b = saved("b", {{"w", weightsOf(DType::Float32, Shape{10}, 2)}});
    const auto comparison =
        compareCheckpoints(*a, *b, {}, [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!comparison);
    QCOMPARE(comparison.error().code(), StatusCode::Cancelled);
}

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"
