// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint under new names, and sums of several: values, frames that are copied, refusals.
#include "engine/checkpoint/wr1_reader.h"
#include "engine/remap/combine.h"
#include "engine/remap/recipe_source.h"
#include "engine/remap/rewrite.h"
#include "tests/checkpoint/sample_tensors.h"
#include "tests/checkpoint/saved_checkpoints.h"

#include <QFile>
#include <QTest>

using namespace wr;
using namespace wr::remap;
using namespace wr::checkpoint;

namespace {

Mapping mappingOf(const char* rules)
{
    const auto mapping = Mapping::parse(std::string("wrmap 1\n") + rules);
    if (!mapping)
        qFatal("%s", mapping.error().message().c_str());
    return *mapping;
}

/// Counts what a save asks for; its frames can be hidden.
class Counted final : public TensorSource {
public:
    Counted(const TensorSource& source, bool showsFrames) : m_source(source), m_showsFrames(showsFrames) {}
    const std::vector<TensorSpec>& specs() const override { return m_source.specs(); }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override
    {
        ++reads;
        return m_source.bytes(tensor, at, size, scratch);
    }
    Result<Tensor> whole(std::size_t tensor) const override { return m_source.whole(tensor); }
    std::optional<Digest> knownDigest(std::size_t tensor) const override
    {
        return m_source.knownDigest(tensor);
    }
    std::optional<Statistics> knownStatistics(std::size_t tensor) const override
    {
        return m_source.knownStatistics(tensor);
    }
    std::optional<Filter> storedFilter(std::size_t tensor) const override
    {
        return m_showsFrames ? m_source.storedFilter(tensor) : std::nullopt;
    }
    std::optional<Frame> storedFrame(std::size_t tensor, std::uint64_t at, std::uint32_t size) const override
    {
        ++frames;
        return m_source.storedFrame(tensor, at, size);
    }
    mutable int reads = 0;
    mutable int frames = 0;

private:
    const TensorSource& m_source;
    bool m_showsFrames;
};

SaveOptions over(Profile profile = Profile::Compact)
{
    SaveOptions options;
    options.profile = profile;
    options.replace = true;
    return options;
}

} // namespace

class TestRewrite : public QObject {
    Q_OBJECT

private slots:
    void renames_data();
    void renames();
    void copiesFrames();
    void thereAndBack();
    void streamsWhatItCan();
    void tellsAllProblems();
    void cancels();
    void averages();
    void weightsAndDifferences();
    void sumsRefuse();

private:
    SavedCheckpoints m_files;
};

void TestRewrite::renames_data()
{
    QTest::addColumn<int>("profile");
    QTest::newRow("compact") << static_cast<int>(Profile::Compact);
    QTest::newRow("plain") << static_cast<int>(Profile::Plain);
    QTest::newRow("stored") << static_cast<int>(Profile::Stored);
}

void TestRewrite::renames()
{
    QFETCH(int, profile);
    std::vector<NamedTensor> tensors = largeTensors();
    const auto reader = m_files.save("from.wrck", tensors, over(static_cast<Profile>(profile)));
    QVERIFY(reader);
    for (const Profile to : {Profile::Compact, Profile::Plain, Profile::Stored}) {
        const auto report = rewriteMapped(Vfs::posix(), *reader, mappingOf("template {p=**} -> new/{p}"),
                                          m_files.path("to.wrck"), over(to));
        QVERIFY2(report, report ? "" : report.error().message().c_str());
        QCOMPARE(report->renamedOnly, tensors.size());
        const auto made = openCheckpoint(Vfs::posix(), m_files.path("to.wrck"));
        QVERIFY(made && (*made)->warnings().empty());
        std::vector<NamedTensor> expected = tensors;
        for (NamedTensor& tensor : expected)
            tensor.name = "new/" + tensor.name;
        const QString difference = differenceFrom(**made, expected);
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        QVERIFY(verifyCheckpoint(**made)->empty());
        QCOMPARE((*made)->metadata().at("step"), std::string("1"));
    }
}

// The frames of a large tensor lie in the new file byte for byte.
void TestRewrite::copiesFrames()
{
    const std::vector<NamedTensor> tensors{{"a", weightsOf(DType::Float32, Shape{700, 600}, 1)},
                                           {"b", weightsOf(DType::BFloat16, Shape{500, 1001}, 2)},
                                           {"c", weightsOf(DType::UInt8, Shape{1200000}, 3)}};
    const auto reader = m_files.save("frames.wrck", tensors, over());
    QVERIFY(reader);
    const auto report =
        rewriteMapped(Vfs::posix(), *reader, mappingOf("exact a -> renamed\nexact b -> z | transpose"),
                      m_files.path("copied.wrck"), over());
    QVERIFY2(report, report ? "" : report.error().message().c_str());
    QCOMPARE(report->renamedOnly, std::size_t{2});
    const auto made = openCheckpoint(Vfs::posix(), m_files.path("copied.wrck"));
    QVERIFY(made);
    const auto* const from = dynamic_cast<const Wr1Reader*>(reader.get());
    const auto* const to = dynamic_cast<const Wr1Reader*>(made->get());
    QVERIFY(from != nullptr && to != nullptr);
    const auto first = [](const Wr1Reader& file, const char* name) {
        const auto index = static_cast<std::size_t>(file.find(name));
        // The first plane of the first block, or the first MiB.
        const bool isFiltered = file.filterOf(index) != Filter::None;
        return file.frameOf(index, 0, isFiltered ? 262'144 : 1U << 20U);
    };
    const auto frameA = first(*from, "a");
    const auto frameRenamed = first(*to, "renamed");
    QVERIFY(frameA && frameRenamed);
    QVERIFY(frameA->bytes == frameRenamed->bytes);
    QVERIFY(first(*from, "c")->bytes == first(*to, "c")->bytes);
    const auto turned = (*made)->read(static_cast<std::size_t>((*made)->find("z")));
    QVERIFY(turned && (turned->shape() == Shape{1001, 500}));
    const auto evaluation = evaluate(mappingOf("exact a -> renamed"),
                                     std::vector<TensorSpec>{{"a", DType::Float32, Shape{700, 600}}});
    const auto source =
        RecipeSource::of(*reader, {Recipe::copyOf(static_cast<std::size_t>(from->find("a")), "x")});
    QVERIFY(source && (*source)->storedFilter(0));
    QVERIFY((*source)->storedFrame(0, 0, 262'144));
    QVERIFY(!(*source)->storedFrame(0, 1, 262'144));
    const Counted copied(**source, true);
    const Counted packed(**source, false);
    QVERIFY(saveSource(Vfs::posix(), m_files.path("counted.wrck"), copied, {}, over()));
    QVERIFY(saveSource(Vfs::posix(), m_files.path("packed.wrck"), packed, {}, over()));
    QCOMPARE(copied.frames, 8); // two blocks of four planes
    QCOMPARE(packed.frames, 0);
    QVERIFY(copied.reads < packed.reads); // only the digest is looked at
    // What differs from its base lies in no frame of its own.
    SaveOptions delta = over();
    delta.base = reader;
    const auto deltaFile = m_files.save("delta.wrck", later(tensors, 1e-6F, 4), delta);
    QVERIFY(deltaFile);
    const auto alone = rewriteMapped(Vfs::posix(), *deltaFile, mappingOf("exact a -> renamed"),
                                     m_files.path("alone.wrck"), over());
    QVERIFY2(alone, alone ? "" : alone.error().message().c_str());
    const auto whole = openCheckpoint(Vfs::posix(), m_files.path("alone.wrck"));
    QVERIFY(whole && !(*whole)->base());
    QVERIFY(sameBytes(*(*whole)->read(static_cast<std::size_t>((*whole)->find("renamed"))),
                      *deltaFile->read(static_cast<std::size_t>(deltaFile->find("a")))));
}

void TestRewrite::thereAndBack()
{
    const std::vector<NamedTensor> tensors{{"q", weightsOf(DType::Float32, Shape{64, 32}, 1)},
                                           {"k", weightsOf(DType::Float32, Shape{64, 32}, 2)},
                                           {"big", weightsOf(DType::BFloat16, Shape{600, 500}, 3)},
                                           {"half", weightsOf(DType::Float16, Shape{10, 4}, 4)}};
    const auto reader = m_files.save("there.wrck", tensors, over());
    const Mapping mapping = mappingOf("exact q + k -> qk | heads(4, pairs) concat(0) transpose\n"
                                      "exact big -> large | transpose cast(float32)\n"
                                      "exact half -> h1 + h2 | split(0)");
    std::vector<TensorSpec> sources;
    for (const TensorEntry& entry : reader->tensors())
        sources.push_back(entry.spec);
    const auto back = inverseOf(evaluate(mapping, sources), sources);
    QVERIFY2(back, back ? "" : back.error().message().c_str());
    QVERIFY(rewriteMapped(Vfs::posix(), *reader, mapping, m_files.path("mapped.wrck"), over()));
    const auto mapped = openCheckpoint(Vfs::posix(), m_files.path("mapped.wrck"));
    QVERIFY(mapped);
    QVERIFY(rewriteMapped(Vfs::posix(), **mapped, *back, m_files.path("back.wrck"), over()));
    const auto again = openCheckpoint(Vfs::posix(), m_files.path("back.wrck"));
    const QString difference = differenceFrom(**again, tensors);
    QVERIFY2(difference.isEmpty(), qPrintable(difference));
}

// Bytes asked for in any pieces are those of the whole.
void TestRewrite::streamsWhatItCan()
{
    const std::vector<NamedTensor> tensors{{"a", weightsOf(DType::Float32, Shape{50, 30}, 1)},
                                           {"b", weightsOf(DType::Float32, Shape{20, 30}, 2)}};
    const auto reader = m_files.save("stream.wrck", tensors, over());
    std::vector<TensorSpec> sources;
    for (const TensorEntry& entry : reader->tensors())
        sources.push_back(entry.spec);
    const Evaluation evaluation =
        evaluate(mappingOf("exact a -> cut | slice(0, 10, 40) cast(float64) scale(2)\n"
                           "exact a + b -> both | concat(0) cast(bfloat16)\n"
                           "exact a -> one | take(0, 7) unsqueeze(0)\n"
                           "exact a -> turned | transpose\n"
                           "exact b -> flat | reshape(600)"),
                 sources);
    QVERIFY(evaluation.problems.empty());
    const auto source = RecipeSource::of(*reader, evaluation.recipes);
    QVERIFY(source);
    for (std::size_t i = 0; i < (*source)->specs().size(); ++i) {
        QCOMPARE((*source)->isStreamed(i), (*source)->specs()[i].name != "turned");
        const Tensor whole = *(*source)->whole(i);
        std::vector<std::byte> scratch;
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}, whole.byteSize()}) {
            for (std::size_t at = 0; at < whole.byteSize(); at += step) {
                const std::size_t size = std::min(step, whole.byteSize() - at);
                const auto part = (*source)->bytes(i, at, size, scratch);
                QVERIFY(part);
                QVERIFY(std::memcmp(part->data(), whole.bytes().data() + at, size) == 0);
            }
        }
    }
}

void TestRewrite::tellsAllProblems()
{
    const auto reader = m_files.save("problems.wrck", smallTensors(), over());
    const auto report =
        rewriteMapped(Vfs::posix(), *reader,
                      mappingOf("exact scalar -> x | transpose slice(0, 0, 1)\nexact empty -> scalar2\n"
                                "exact type/float32 -> scalar2"),
                      m_files.path("never.wrck"), {});
    QVERIFY(!report);
    const QString message = QString::fromStdString(report.error().message());
    QVERIFY2(message.contains("line 2") && message.contains("scalar2"), qPrintable(message));
    QVERIFY(!QFile::exists(QString::fromStdString(m_files.path("never.wrck"))));
}

void TestRewrite::cancels()
{
    const auto reader = m_files.save("cancel.wrck", largeTensors(), over());
    const auto report =
        rewriteMapped(Vfs::posix(), *reader, mappingOf("prefix \"\" -> x."), m_files.path("half.wrck"), {},
                      [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!report);
    QCOMPARE(report.error().code(), StatusCode::Cancelled);
    QVERIFY(!QFile::exists(QString::fromStdString(m_files.path("half.wrck"))));
}

void TestRewrite::averages()
{
    std::vector<std::vector<NamedTensor>> all;
    std::vector<CombineTerm> terms;
    for (std::uint32_t i = 0; i < 3; ++i) {
        all.push_back({{"f32", weightsOf(DType::Float32, Shape{300, 300}, i)},
                       {"f64", weightsOf(DType::Float64, Shape{0}, i)},
                       {"bf16", weightsOf(DType::BFloat16, Shape{50}, i)},
                       {"step", Tensor::scalar(static_cast<std::int64_t>(100 * i))}});
        terms.push_back({m_files.save(("part" + std::to_string(i)).c_str(), all.back(), over()), 1.0 / 3.0});
    }
    const auto report =
        combineCheckpoints(Vfs::posix(), terms, WholeNumbers::FromLast, m_files.path("mean.wrck"), over());
    QVERIFY2(report, report ? "" : report.error().message().c_str());
    QCOMPARE(report->computed, std::size_t{3});
    QCOMPARE(report->taken, std::vector<std::string>{"step"});
    const auto mean = openCheckpoint(Vfs::posix(), m_files.path("mean.wrck"));
    const auto value = [&](const char* name) {
        return *(*mean)->read(static_cast<std::size_t>((*mean)->find(name)));
    };
    QCOMPARE(value("step").values<std::int64_t>()[0], std::int64_t{200});
    const Tensor f32 = value("f32");
    for (std::int64_t i = 0; i < f32.elementCount(); ++i) {
        double sum = 0.0;
        for (const auto& tensors : all)
            sum += tensors[0].tensor.valueAt(i) * (1.0 / 3.0);
        QCOMPARE(f32.valueAt(i), static_cast<double>(static_cast<float>(sum)));
    }
    QCOMPARE(value("bf16").dtype(), DType::BFloat16);
    const double expected =
        (all[0][2].tensor.valueAt(7) + all[1][2].tensor.valueAt(7) + all[2][2].tensor.valueAt(7)) / 3;
    QVERIFY(std::fabs(value("bf16").valueAt(7) - expected) <= std::fabs(expected) / 256);
}

void TestRewrite::weightsAndDifferences()
{
    const auto a = m_files.save(
        "a", {{"w", Tensor::of<float>({1, 2}, {2})}, {"n", Tensor::scalar(std::int32_t{5})}}, over());
    const auto b = m_files.save(
        "b", {{"w", Tensor::of<float>({10, 30}, {2})}, {"n", Tensor::scalar(std::int32_t{6})}}, over());
    const std::vector<CombineTerm> terms{{a, -1.0}, {b, 1.0}};
    const auto report =
        combineCheckpoints(Vfs::posix(), terms, WholeNumbers::LeaveOut, m_files.path("ab"), over());
    QVERIFY(report);
    QCOMPARE(report->leftOut, std::vector<std::string>{"n"});
    const auto made = openCheckpoint(Vfs::posix(), m_files.path("ab"));
    QCOMPARE((*made)->tensors().size(), std::size_t{1});
    QCOMPARE((*made)->read(0)->values<float>()[1], 28.0F);
}

void TestRewrite::sumsRefuse()
{
    const auto a = m_files.save(
        "ra", {{"w", Tensor::of<float>({1, 2}, {2})}, {"x", Tensor::of<float>({1}, {1})}}, over());
    const auto b = m_files.save(
        "rb", {{"w", Tensor::of<float>({1, 2}, {1, 2})}, {"y", Tensor::of<float>({1}, {1})}}, over());
    const std::vector<CombineTerm> terms{{a, 0.5}, {b, 0.5}};
    const auto report =
        combineCheckpoints(Vfs::posix(), terms, WholeNumbers::FromLast, m_files.path("no"), {});
    QVERIFY(!report);
    const QString message = QString::fromStdString(report.error().message());
    QVERIFY2(message.contains("\"w\" is float32 [2]") && message.contains("\"y\" is not in") &&
                 message.contains("\"x\" is not in"),
             qPrintable(message));
    QVERIFY(!combineCheckpoints(Vfs::posix(), {}, WholeNumbers::FromLast, m_files.path("no"), {}));
    const std::vector<CombineTerm> odd{{a, NAN}};
    QVERIFY(!combineCheckpoints(Vfs::posix(), odd, WholeNumbers::FromLast, m_files.path("no"), {}));
}

QTEST_GUILESS_MAIN(TestRewrite)
#include "tst_rewrite.moc"
