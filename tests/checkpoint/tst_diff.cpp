// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two checkpoints: kinds, figures, order.
#include "engine/checkpoint/diff.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>

using namespace wr;
using namespace wr::checkpoint;

class TestDiff : public QObject {
    Q_OBJECT
private slots:
    void findsEveryKind();
    void measuresChanges();
    void comparesIntegersExactly();
    void comparesProfiles();
    void goesOnPastDamage();
    void cancels();

private:
    std::shared_ptr<const CheckpointReader> saved(const char* name, const std::vector<NamedTensor>& tensors,
                                                  Profile profile = Profile::Compact)
    {
        SaveOptions options;
        options.profile = profile;
        options.replace = true;
        const std::string path = m_folder.filePath(QLatin1String(name)).toStdString();
        if (!saveCheckpoint(Vfs::posix(), path, tensors, {}, options))
            return nullptr;
        return *openCheckpoint(Vfs::posix(), path);
    }
    QTemporaryDir m_folder;
};

void TestDiff::findsEveryKind()
{
    const auto a = saved("a", {{"same", Tensor::of<float>({1, 2}, {2})},
                               {"gone", Tensor::of<float>({1}, {1})},
                               {"shape", Tensor::of<float>({1, 2}, {2})},
                               {"type", Tensor::of<float>({1}, {1})},
                               {"little", Tensor::of<float>({100, 100}, {2})},
                               {"much", Tensor::of<float>({1, 1}, {2})},
                               {"nan", Tensor::of<float>({1, 1}, {2})}});
    const auto b = saved("b", {{"same", Tensor::of<float>({1, 2}, {2})},
                               {"new", Tensor::of<float>({1}, {1})},
                               {"shape", Tensor::of<float>({1, 2}, {1, 2})},
                               {"type", Tensor::of<double>({1}, {1})},
                               {"little", Tensor::of<float>({100, 101}, {2})},
                               {"much", Tensor::of<float>({1, 9}, {2})},
                               {"nan", Tensor::of<float>({1, NAN}, {2})}});
    const auto diff = diffCheckpoints(*a, *b);
    QVERIFY(diff);
    std::vector<std::string> order;
    for (const TensorDiff& tensor : diff->tensors)
        order.push_back(tensor.name);
    QCOMPARE(order,
             (std::vector<std::string>{"nan", "shape", "type", "gone", "new", "much", "little", "same"}));
    QCOMPARE(diff->count(DiffKind::Reshaped), std::size_t{2});
    QCOMPARE(diff->tensors[0].nonFiniteB, std::int64_t{1});
    QVERIFY(diff->tensors[7].byDigest);
    QVERIFY(!diff->isEqual());
    QVERIFY(diffCheckpoints(*a, *a)->isEqual());
}

void TestDiff::measuresChanges()
{
    const Tensor a = Tensor::of<float>({3, 4, 0, -2}, {2, 2});
    const Tensor b = Tensor::of<float>({3, 1, 0, 2}, {2, 2});
    const TensorDiff diff = diffTensors("w", a, b);
    QCOMPARE(diff.changed, std::int64_t{2});
    QCOMPARE(diff.maxAbs, 4.0);
    QCOMPARE(diff.maxIndex, std::int64_t{3});
    QCOMPARE(diff.relativeL2, 5.0 / std::sqrt(29.0));
    // From nothing to something has no relative size; −0 and +0 differ in their bits only.
    QVERIFY(
        std::isinf(diffTensors("w", Tensor::of<float>({0}, {1}), Tensor::of<float>({1}, {1})).relativeL2));
    const TensorDiff zeros =
        diffTensors("w", Tensor::of<float>({0.0F}, {1}), Tensor::of<float>({-0.0F}, {1}));
    QCOMPARE(zeros.changed, std::int64_t{1});
    QCOMPARE(zeros.relativeL2, 0.0);
    QCOMPARE(diffTensors("w", a, a).kind, DiffKind::Equal);
}

void TestDiff::comparesIntegersExactly()
{
    const std::int64_t large = std::numeric_limits<std::int64_t>::max();
    const TensorDiff diff = diffTensors("n", Tensor::of<std::int64_t>({large, 5}, {2}),
                                        Tensor::of<std::int64_t>({large - 1, 5}, {2}));
    QCOMPARE(diff.changed, std::int64_t{1});
    QCOMPARE(diff.maxAbs, 1.0);
    const TensorDiff wide =
        diffTensors("n", Tensor::of<std::int64_t>({std::numeric_limits<std::int64_t>::min()}, {1}),
                    Tensor::of<std::int64_t>({large}, {1}));
    QCOMPARE(wide.maxAbs, 18446744073709551615.0);
}

void TestDiff::comparesProfiles()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    const auto compact = saved("c", tensors, Profile::Compact);
    const auto plain = saved("p", tensors, Profile::Plain);
    const auto diff = diffCheckpoints(*compact, *plain);
    QVERIFY(diff && diff->isEqual());
}

void TestDiff::goesOnPastDamage()
{
    const std::vector<NamedTensor> tensors{{"a", weightsOf(DType::Float32, Shape{100000}, 1)},
                                           {"b", weightsOf(DType::Float32, Shape{100000}, 2)}};
    std::vector<NamedTensor> others{{"a", weightsOf(DType::Float32, Shape{100000}, 3)},
                                    {"b", weightsOf(DType::Float32, Shape{100000}, 4)}};
    const auto whole = saved("whole", others);
    QVERIFY(saved("hurt", tensors));
    QFile file(m_folder.filePath(QStringLiteral("hurt")));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() / 4));
    QVERIFY(file.write("weightroom", 10) == 10);
    file.close();
    const auto hurt = openCheckpoint(Vfs::posix(), file.fileName().toStdString());
    QVERIFY(hurt);
    const auto diff = diffCheckpoints(**hurt, *whole);
    QVERIFY(diff);
    QCOMPARE(diff->count(DiffKind::Damaged), std::size_t{1});
    QCOMPARE(diff->count(DiffKind::Changed), std::size_t{1});
    QVERIFY2(QString::fromStdString(diff->tensors[0].problem).startsWith(QStringLiteral("A: a")),
             diff->tensors[0].problem.c_str());
}

void TestDiff::cancels()
{
    const auto a = saved("a", largeTensors());
    const auto diff = diffCheckpoints(*a, *a, [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!diff);
    QCOMPARE(diff.error().code(), StatusCode::Cancelled);
}

QTEST_GUILESS_MAIN(TestDiff)
#include "tst_diff.moc"
