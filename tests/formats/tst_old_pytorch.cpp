// SPDX-License-Identifier: GPL-3.0-or-later
// PyTorch's format of before 1.6: what PyTorch wrote is read; damaged and cut files are told from whole ones.
#include "engine/formats/open.h"
#include "tests/formats/sample_files.h"

#include <QTest>

using namespace wr;
using namespace wr::formats;

class TestOldPytorch : public QObject {
    Q_OBJECT
private slots:
    void readsWhatPytorchWrote();
    void everyTruncation();
    void everyByteFlipped();
    void bigEndianIsRefused();

private:
    QTemporaryDir m_folder;
};

void TestOldPytorch::readsWhatPytorchWrote()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("pytorch_old.pt").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->formatName(), std::string("PyTorch"));
    const std::map<std::string, std::pair<Shape, std::function<double(int)>>> expected = {
        {"model.flags", {Shape{2}, [](int i) { return 1 - i; }}},
        {"model.half", {Shape{2, 3}, [](int i) { return i; }}},
        {"model.kernel", {Shape{4, 6}, [](int i) { return i; }}},
        {"model.row", {Shape{6}, [](int i) { return 6 + i; }}},
        {"model.turned", {Shape{6, 4}, [](int i) { return i % 4 * 6 + i / 4; }}},
        {"optimizer.state.0.step", {Shape{}, [](int) { return 7; }}}};
    QCOMPARE((*reader)->tensors().size(), expected.size());
    for (const auto& [name, want] : expected) {
        const std::ptrdiff_t index = (*reader)->find(name);
        QVERIFY2(index >= 0, name.c_str());
        const Result<Tensor> tensor = (*reader)->read(static_cast<std::size_t>(index));
        QVERIFY2(tensor, tensor ? "" : tensor.error().message().c_str());
        QCOMPARE(tensor->shape(), want.first);
        for (int i = 0; i < tensor->elementCount(); ++i)
            QCOMPARE(tensor->valueAt(i), want.second(i));
        std::vector<std::byte> part(tensor->byteSize() - 1);
        QVERIFY((*reader)->readPart(static_cast<std::size_t>(index), 1, part).isOk());
        QVERIFY(std::equal(part.begin(), part.end(), tensor->bytes().begin() + 1));
    }
    QCOMPARE((*reader)->metadata().at("epoch"), std::string("3"));
    QCOMPARE((*reader)->warnings().size(), std::size_t{1}); // complex numbers
    QVERIFY((*reader)->warnings()[0].find("model.cplx") != std::string::npos);
}

void TestOldPytorch::everyTruncation()
{
    const QByteArray whole = bytesOf(sample("pytorch_old.pt"));
    const qsizetype pickles = whole.indexOf("q\x00]q", 0) < 0 ? 0 : 15;
    int withWarning = 0;
    for (qsizetype size = pickles; size < whole.size(); ++size) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), writeFile(m_folder, whole.left(size)));
        if (!reader)
            continue;
        ++withWarning;
        QVERIFY((*reader)->warnings()[0].find("fetch it again") != std::string::npos);
    }
    QVERIFY(withWarning > 100); // in the storages
}

void TestOldPytorch::everyByteFlipped()
{
    const QByteArray whole = bytesOf(sample("pytorch_old.pt"));
    for (qsizetype at = 0; at < whole.size(); ++at) {
        for (const int mask : {0x01, 0x80, 0xFF}) {
            QByteArray bad = whole;
            bad[at] = static_cast<char>(bad[at] ^ mask);
            const auto reader = openAnyCheckpoint(Vfs::posix(), writeFile(m_folder, bad));
            for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
                static_cast<void>((*reader)->read(i));
        }
    }
}

void TestOldPytorch::bigEndianIsRefused()
{
    QByteArray other = bytesOf(sample("pytorch_old.pt"));
    const qsizetype key = other.indexOf("little_endian");
    QVERIFY(key > 0);
    const qsizetype value = other.indexOf('\x88', key);
    QVERIFY(value > 0 && value < key + 20);
    other[value] = '\x89';
    const auto reader = openAnyCheckpoint(Vfs::posix(), writeFile(m_folder, other));
    QVERIFY(!reader && reader.error().code() == StatusCode::Unimplemented);
}

QTEST_GUILESS_MAIN(TestOldPytorch)
#include "tst_old_pytorch.moc"
