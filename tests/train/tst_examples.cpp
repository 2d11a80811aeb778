// SPDX-License-Identifier: GPL-3.0-or-later
// Every bundled example that trains gets as far as it says, here with fewer epochs where it takes long.
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

namespace {

// Under a sanitizer a step takes many times as long: there a few must do, and what is learned does not count.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kMostSteps = 20;
#else
constexpr std::int64_t kMostSteps = 1'000'000;
#endif

} // namespace

class TestExamples : public QObject {
    Q_OBJECT
private slots:
    void train_data();
    void train();
};

void TestExamples::train_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("epochs");
    QTest::addColumn<double>("accuracy"); ///< at least; 0: none
    QTest::addColumn<double>("loss");     ///< of the test examples, at most
    QTest::newRow("digits") << "digits" << 3 << 0.93 << 0.3;
    QTest::newRow("parameter servers") << "parameter_servers" << 5 << 0.9 << 0.4;
    QTest::newRow("lenet") << "lenet" << 2 << 0.97 << 0.1;
    QTest::newRow("residual network") << "resnet" << 2 << 0.9 << 0.35;
    QTest::newRow("transformer") << "transformer" << 2 << 0.9 << 0.35;
    QTest::newRow("spiral") << "spiral" << 30 << 0.97 << 0.1;
    QTest::newRow("sine") << "sine" << 60 << 0.0 << 0.02;
    QTest::newRow("autoencoder") << "autoencoder" << 4 << 0.0 << 0.16;
}

void TestExamples::train()
{
    QFETCH(QString, name);
    QFETCH(int, epochs);
    QFETCH(double, accuracy);
    QFETCH(double, loss);
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/%1/model.wr").arg(name));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QString script = QString::fromUtf8(file.readAll());
    script.replace(QRegularExpression(QStringLiteral("epochs=\\d+")),
                   QStringLiteral("epochs=%1").arg(epochs));
    SessionFixture f(script.toStdString());
    const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
    QVERIFY2(dataset.has_value(), dataset ? "" : dataset.error().toString().c_str());
    QVERIFY(f.session->initializeAll().isOk());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer.has_value(), trainer ? "" : trainer.error().toString().c_str());
    while (!(*trainer)->isFinished()) {
        const auto record = (*trainer)->step();
        QVERIFY2(record.has_value(), record ? "" : record.error().toString().c_str());
        if (record->step == kMostSteps)
            return;
    }
    const auto evaluation = (*trainer)->evaluate();
    QVERIFY(evaluation.has_value());
    QVERIFY2(evaluation->loss <= loss, qPrintable(QString::number(evaluation->loss)));
    if (accuracy > 0)
        QVERIFY2(evaluation->metrics[0] >= accuracy, qPrintable(QString::number(evaluation->metrics[0])));
}

QTEST_GUILESS_MAIN(TestExamples)
#include "tst_examples.moc"
