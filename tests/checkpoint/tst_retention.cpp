// SPDX-License-Identifier: GPL-3.0-or-later
// Which checkpoints stay under which rules, and why; whatever the rules are, two whole ones and the bases of
// differences do.
#include "engine/checkpoint/removal.h"
#include "tests/checkpoint/fault_vfs.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace wr::checkpoint;

namespace {

constexpr std::int64_t kHour = 3600;

/// By rule, one a quarter of an hour.
std::vector<StoredCheckpoint> quarters(int count)
{
    std::vector<StoredCheckpoint> stored;
    for (int i = 0; i < count; ++i) {
        StoredCheckpoint one;
        one.name = "step-" + std::to_string(i);
        one.savedAt = 1'000'000 + i * kHour / 4;
        one.step = i;
        one.isManaged = true;
        stored.push_back(one);
    }
    return stored;
}

/// A all, L last, B best, H hourly, P pinned, M by hand, D base, S spare, - goes.
std::string letters(const std::vector<Stay>& stays)
{
    std::string text;
    for (const Stay stay : stays)
        text += "-MPALBHDS"[static_cast<std::size_t>(stay)];
    return text;
}

} // namespace

class TestRetention : public QObject {
    Q_OBJECT
private slots:
    void keepsByRule_data();
    void keepsByRule();
    void sparesWhatIsNotItsOwn();
    void sparesTwoWholeOnes();
    void sparesBases();
    void looksTwice();
    void settles();
    void writesTheStateFile();
    void removesDifferencesBeforeBases();
};

void TestRetention::keepsByRule_data()
{
    QTest::addColumn<int>("last");
    QTest::addColumn<double>("hours");
    QTest::addColumn<int>("best");
    QTest::addColumn<std::string>("expected");
    QTest::newRow("all") << 0 << 0.0 << 0 << std::string("AAAAAAAAAA");
    QTest::newRow("three") << 3 << 0.0 << 0 << std::string("-------LLL");
    QTest::newRow("more than there are") << 20 << 0.0 << 0 << std::string("LLLLLLLLLL");
    QTest::newRow("one would be too few") << 1 << 0.0 << 0 << std::string("--------SL");
    QTest::newRow("hourly") << 2 << 1.0 << 0 << std::string("H---H---LL");
    QTest::newRow("best") << 2 << 0.0 << 2 << std::string("---BB---LL");
    QTest::newRow("all rules") << 2 << 1.0 << 3 << std::string("H--BBB--LL");
}

void TestRetention::keepsByRule()
{
    QFETCH(int, last);
    QFETCH(double, hours);
    QFETCH(int, best);
    QFETCH(std::string, expected);
    std::vector<StoredCheckpoint> stored = quarters(10);
    const double losses[] = {9, 8, 7, 1, 2, 3, NAN, 5, 6, 7};
    for (std::size_t i = 0; i < stored.size(); ++i)
        stored[i].monitored = losses[i];
    RetentionPolicy policy{last, hours, best, true};
    QCOMPARE(letters(retain(policy, stored)), expected);
    for (StoredCheckpoint& one : stored)
        one.monitored = -*one.monitored;
    policy.wantsLess = false;
    QCOMPARE(letters(retain(policy, stored)), expected);
    // The order in which a folder lists its files does not matter.
    std::reverse(stored.begin(), stored.end());
    std::string turned = letters(retain(policy, stored));
    std::reverse(turned.begin(), turned.end());
    QCOMPARE(turned, expected);
}

void TestRetention::sparesWhatIsNotItsOwn()
{
    std::vector<StoredCheckpoint> stored = quarters(8);
    stored[0].isPinned = true;
    stored[2].isManaged = false;
    stored[7].isManaged = false;
    QCOMPARE(letters(retain({2, 0.0, 0, true}, stored)), std::string("P-M--LLM"));
}

void TestRetention::sparesTwoWholeOnes()
{
    std::vector<StoredCheckpoint> stored = quarters(6);
    for (std::size_t damaged = 3; damaged < 6; ++damaged)
        stored[damaged].isWhole = false;
    QCOMPARE(letters(retain({2, 0.0, 0, true}, stored)), std::string("-SS-LL"));
}

void TestRetention::sparesBases()
{
    std::vector<StoredCheckpoint> stored = quarters(6);
    for (StoredCheckpoint& one : stored)
        one.uuid = "u" + one.name;
    stored[4].baseUuid = stored[1].uuid;
    stored[3].baseUuid = stored[0].uuid; // goes, so its base may
    QCOMPARE(letters(retain({2, 0.0, 0, true}, stored)), std::string("-D--LL"));
    // What cannot be read just now may be a difference to any that stands alone.
    stored[5].isManaged = stored[5].isWhole = stored[5].isReadable = false;
    stored[5].uuid.clear();
    QCOMPARE(letters(retain({2, 0.0, 0, true}, stored)), std::string("DDDLLM"));
}

void TestRetention::looksTwice()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("a.wrck")).toStdString();
    const std::vector<wr::NamedTensor> tensors{{"w", wr::Tensor::scalar<float>(1.0F)}};
    QVERIFY(saveCheckpoint(wr::Vfs::posix(), path, tensors, {}, {}));
    for (const int refused : {0, 1, 1000}) { // so many calls are
        wr::FaultVfs vfs([&](int number, const std::string&) {
            return number < refused ? wr::dataLoss("Input/output error") : wr::Status();
        });
        const StoredLook look = lookAtStored(vfs, path);
        QCOMPARE(look.reader != nullptr, refused < 1000);
        QCOMPARE(look.isReadable, refused < 1000);
    }
    QVERIFY(QFile::resize(QString::fromStdString(path), 100));
    const StoredLook damaged = lookAtStored(wr::Vfs::posix(), path);
    QVERIFY(damaged.reader == nullptr && damaged.isReadable);
}

/// Whatever is there: after the rules have been followed they ask for nothing more.
void TestRetention::settles()
{
    std::mt19937 engine(7);
    const auto random = [&] { return static_cast<std::int64_t>(engine()); };
    for (int round = 0; round < 500; ++round) {
        std::vector<StoredCheckpoint> stored = quarters(static_cast<int>(random() % 30));
        for (StoredCheckpoint& one : stored) {
            one.isManaged = random() % 5 != 0;
            one.isPinned = random() % 7 == 0;
            one.isWhole = random() % 6 != 0;
            one.savedAt += random() % 9000;
            if (random() % 3 != 0)
                one.monitored = static_cast<double>(random() % 10);
        }
        const RetentionPolicy policy{random() % 4, static_cast<double>(random() % 3), random() % 3,
                                     random() % 2 == 0};
        const auto whole = [](const std::vector<StoredCheckpoint>& all) {
            return std::count_if(all.begin(), all.end(), [](const auto& one) { return one.isWhole; });
        };
        std::vector<StoredCheckpoint> left;
        const std::vector<Stay> stays = retain(policy, stored);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            if (stays[i] != Stay::No)
                left.push_back(stored[i]);
        }
        QVERIFY(whole(left) >= std::min<std::ptrdiff_t>(2, whole(stored)));
        const std::vector<Stay> again = retain(policy, left);
        QVERIFY(std::find(again.begin(), again.end(), Stay::No) == again.end());
    }
}

void TestRetention::writesTheStateFile()
{
    const std::vector<std::string> names{"step-1.wrck", "a \"b\"\n\\.wrck"};
    QCOMPARE(stateFileText(names),
             std::string("model_checkpoint_path: \"a \\\"b\\\"\\012\\\\.wrck\"\n"
                         "all_model_checkpoint_paths: \"step-1.wrck\"\n"
                         "all_model_checkpoint_paths: \"a \\\"b\\\"\\012\\\\.wrck\"\n"));
    QVERIFY(stateFileText({}).empty());
}

/// A power cut or an error in between leaves no difference without its base.
void TestRetention::removesDifferencesBeforeBases()
{
    std::vector<StoredCheckpoint> stored = quarters(4);
    for (StoredCheckpoint& one : stored)
        one.uuid = "u" + one.name;
    stored[1].baseUuid = stored[0].uuid;
    const std::vector<Stay> stays{Stay::No, Stay::No, Stay::Last, Stay::Last};
    for (const bool isRefused : {false, true}) {
        QTemporaryDir folder;
        for (const StoredCheckpoint& one : stored) {
            QFile file(folder.filePath(QString::fromStdString(one.name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        int syncs = 0;
        wr::FaultVfs vfs([&](int, const std::string& call) {
            if (call != "syncDirectory")
                return wr::Status();
            ++syncs;
            // The base is still there.
            return QFile::exists(folder.filePath(QStringLiteral("step-0"))) == (syncs == 1) && !isRefused
                       ? wr::Status()
                       : wr::dataLoss("refused");
        });
        const Removal removal = removeUnneeded(vfs, folder.path().toStdString(), stored, stays);
        QCOMPARE(removal.status.isOk(), !isRefused);
        QCOMPARE(removal.removed, isRefused ? std::vector<std::string>{"step-1"}
                                            : (std::vector<std::string>{"step-1", "step-0"}));
        QCOMPARE(QFile::exists(folder.filePath(QStringLiteral("step-0"))), isRefused);
    }
}

QTEST_GUILESS_MAIN(TestRetention)
#include "tst_retention.moc"
