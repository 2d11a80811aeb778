// SPDX-License-Identifier: GPL-3.0-or-later
// PyTorch's distributed checkpoints: tensors that two processes wrote in parts are put together; missing,
// foreign and damaged files are told.
#include "engine/formats/dcp/dcp_reader.h"

#include "engine/formats/open.h"
#include "tests/formats/sample_files.h"

#include <QDir>
#include <QTest>
#include <random>

using namespace wr;
using namespace wr::formats;

class TestDcp : public QObject {
    Q_OBJECT
private slots:
    void init();
    void putsPartsTogether();
    void saysWhatIsMissing();
    void neverLeavesTheFolder();
    void damagedDescriptions();
    void damagedParts();

private:
    std::string path(const QString& name) const { return m_folder->filePath(name).toStdString(); }
    QByteArray bytes(const QString& name) const { return bytesOf(m_folder->filePath(name)); }
    void write(const QString& name, const QByteArray& contents) const
    {
        QFile file(m_folder->filePath(name));
        file.remove(); // some file systems sync what is truncated and written anew
        if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size())
            qFatal("cannot write");
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDcp::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char* name : {".metadata", "__0_0.distcp", "__1_0.distcp"})
        QVERIFY(QFile::copy(sample(QStringLiteral("dcp/") + name), m_folder->filePath(name)));
}

void TestDcp::putsPartsTogether()
{
    for (const QString name : {"", ".metadata", "__1_0.distcp"}) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(name));
        QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
        QCOMPARE((*reader)->formatName(), std::string("PyTorch distributed"));
        QVERIFY((*reader)->warnings().empty());
        QCOMPARE((*reader)->metadata().at("epoch"), std::string("4"));
        QCOMPARE((*reader)->tensors().size(), std::size_t{3});
        const auto columns = (*reader)->read(static_cast<std::size_t>((*reader)->find("columns")));
        const auto rows = (*reader)->read(static_cast<std::size_t>((*reader)->find("rows")));
        const auto same = (*reader)->read(static_cast<std::size_t>((*reader)->find("same")));
        QVERIFY2(columns && rows && same, columns ? "" : columns.error().message().c_str());
        QVERIFY(columns->shape() == (Shape{6, 10}) && rows->shape() == (Shape{7, 4}));
        for (int i = 0; i < 60; ++i)
            QCOMPARE(columns->valueAt(i), static_cast<double>(i));
        for (int i = 0; i < 28; ++i)
            QCOMPARE(rows->valueAt(i), static_cast<double>(i));
        QCOMPARE(same->valueAt(2), 1.0);
        std::vector<std::byte> part(100);
        QVERIFY((*reader)->readPart(static_cast<std::size_t>((*reader)->find("columns")), 33, part).isOk());
        QVERIFY(std::equal(part.begin(), part.end(), columns->bytes().begin() + 33));
    }
}

void TestDcp::saysWhatIsMissing()
{
    QVERIFY(QFile::remove(m_folder->filePath("__1_0.distcp")));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path(""));
    QVERIFY(reader);
    QVERIFY((*reader)->warnings()[0].find("1 of its 2 files are missing, as __1_0.distcp") !=
            std::string::npos);
    const auto rows = (*reader)->read(static_cast<std::size_t>((*reader)->find("rows")));
    QVERIFY(!rows && rows.error().code() == StatusCode::NotFound);
    QVERIFY(QFile::remove(m_folder->filePath(".metadata")));
    const auto alone = openAnyCheckpoint(Vfs::posix(), path("__0_0.distcp"));
    QVERIFY(!alone && alone.error().message().find("put its .metadata beside") != std::string::npos);
}

void TestDcp::neverLeavesTheFolder()
{
    const QByteArray good = bytes(".metadata");
    for (const QByteArray other : {"/etc/hostnam", "../../../../", "../0_0.distc", "a/../../x.di"}) {
        QByteArray bad = good;
        bad.replace("__0_0.distcp", other);
        QVERIFY(bad != good);
        write(".metadata", bad);
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(""));
        QVERIFY2(!reader && reader.error().message().find("leads out") != std::string::npos,
                 reader ? "opened" : reader.error().message().c_str());
    }
    write(".metadata", good);
    const QTemporaryDir elsewhere;
    QVERIFY(QFile::rename(m_folder->filePath("__0_0.distcp"), elsewhere.filePath("x")));
    QVERIFY(QFile::link(elsewhere.filePath("x"), m_folder->filePath("__0_0.distcp")));
    QVERIFY(!openAnyCheckpoint(Vfs::posix(), path("")));
}

void TestDcp::damagedDescriptions()
{
    const QByteArray good = bytes(".metadata");
    std::mt19937 random(4);
    for (qsizetype at = 0; at < good.size(); ++at) {
        QByteArray bad = good;
        bad[at] = static_cast<char>(random() & 0xFFU);
        write(".metadata", bad);
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(""));
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
    }
    for (qsizetype size = 0; size < good.size(); size += 7) {
        write(".metadata", good.left(size));
        QVERIFY(!openAnyCheckpoint(Vfs::posix(), path("")));
    }
    write(".metadata", "}.");
    const auto other = openAnyCheckpoint(Vfs::posix(), path(""));
    QVERIFY(!other && other.error().code() == StatusCode::InvalidArgument);
}

void TestDcp::damagedParts()
{
    const QByteArray good = bytes("__1_0.distcp");
    for (qsizetype at = 0; at < good.size(); at += 3) {
        QByteArray bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0xFF);
        write("__1_0.distcp", bad);
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(""));
        QVERIFY(reader);
        static_cast<void>((*reader)->read(0));
        static_cast<void>((*reader)->read(1));
    }
    write("__1_0.distcp", good.left(good.size() / 2));
    const auto cut = openAnyCheckpoint(Vfs::posix(), path(""));
    int wrong = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto tensor = (*cut)->read(i);
        wrong += !tensor && tensor.error().code() == StatusCode::DataLoss ? 1 : 0;
    }
    QVERIFY(wrong >= 1);
}

QTEST_GUILESS_MAIN(TestDcp)
#include "tst_dcp.moc"
