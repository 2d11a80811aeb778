// SPDX-License-Identifier: GPL-3.0-or-later
// Ten thousand variables on the Place page without a stop of the event loop.
#include "tests/ui/place_stage.h"
#include "tests/ui/ui_gap.h"
#include "ui/widgets/filter_field.h"

using namespace wr;
using namespace wr::ui;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr int kLongestGap = 5000; // a program that is checked at every access is slower, not worse
#else
// 50 ms is what an idle machine stays under; a busy or slow one gets as much again.
constexpr int kLongestGap = 100;
#endif

QString manyVariables(int count)
{
    QString text;
    for (int i = 0; i < count; ++i)
        text +=
            QStringLiteral("v%1 = tf.Variable(tf.zeros([64, 4]), name=\"s%2/v%1\")\n").arg(i).arg(i / 100);
    return text;
}

} // namespace

class TestPlaceSpeed : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void manyWithoutStops();

private:
    app::Project& project() { return m_stage->project(); }
    PlacePage& page() { return m_stage->page(); }
    DeviceLane* lane(const char* title) { return m_stage->lane(title); }

    QTemporaryDir m_home;
    std::unique_ptr<PlaceStage> m_stage;
};

void TestPlaceSpeed::initTestCase()
{
    PlaceStage::prepare(m_home);
}

void TestPlaceSpeed::init()
{
    m_stage = std::make_unique<PlaceStage>();
    QVERIFY(m_stage->begin());
}

void TestPlaceSpeed::cleanup()
{
    m_stage.reset();
}

void TestPlaceSpeed::manyWithoutStops()
{
    constexpr int kCount = 10000;
    // Reading the text into the project is the project's own business; here it is what the page does with it.
    project().newFromText(manyVariables(kCount), QStringLiteral("many"));
    int longest = 0;
    const auto check = [&longest](const UiGap& gap, const char* what) {
        qInfo("%s: longest gap of the event loop %d ms, %d ms beyond the machine's own, in %d beats", what,
              gap.worst(), gap.worstBeyondMachine(), gap.beats());
        longest = std::max(longest, gap.worstBeyondMachine());
    };
    {
        const UiGap gap;
        QTRY_VERIFY_WITH_TIMEOUT(page().isUpToDate() && lane("Auto")->model()->variableCount() == kCount,
                                 kLong);
        QTest::qWait(50);
        check(gap, "open");
    }
    DeviceLane* automatic = lane("Auto");
    {
        const UiGap gap;
        page().filter()->setText(QStringLiteral("7/v"));
        QTest::qWait(30);
        QCOMPARE(automatic->model()->variableCount(), 1000);
        page().filter()->clear();
        QTest::qWait(30);
        check(gap, "filter");
    }
    {
        const UiGap gap;
        automatic->list()->setFocus();
        automatic->list()->selectAll();
        QTest::qWait(30);
        check(gap, "select all");
    }
    {
        const UiGap gap;
        Drag drag(automatic, lane("/cpu:0"));
        QVERIFY(drag.move());
        QTest::qWait(20);
        QVERIFY(drag.drop());
        QTRY_COMPARE_WITH_TIMEOUT(lane("/cpu:0")->model()->variableCount(), kCount, kLong);
        QVERIFY(m_stage->settle());
        QTest::qWait(50);
        check(gap, "place");
    }
    QCOMPARE(project().script().count(QStringLiteral("with tf.device")), 1);
    QVERIFY2(longest <= kLongestGap, qPrintable(QString::number(longest)));
    QCOMPARE(m_stage->complaints().size(), 0);
}

QTEST_MAIN(TestPlaceSpeed)
#include "tst_place_speed.moc"
