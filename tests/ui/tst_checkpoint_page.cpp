// SPDX-License-Identifier: GPL-3.0-or-later
// The Checkpoints page by mouse and keys: pins, stars, tags, notes, names, the trash and back, a damaged file
// recovered, and a look into a tensor.
#include "app/models/checkpoint_list_model.h"
#include "tests/app/checkpoint_fixture.h"
#include "ui/dialogs/save_copy_dialog.h"
#include "ui/main_window/main_window.h"
#include "ui/pages/checkpoint_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/checkpoint_timeline.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/quick_look.h"
#include "ui/widgets/slice_bar.h"
#include "ui/widgets/slice_view.h"
#include "ui/widgets/tensor_panel.h"
#include "ui/widgets/tensor_viewer.h"
#include "ui/workspace.h"

#include <QComboBox>
#include <QDir>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>
#include <QWheelEvent>

using namespace wr;
using namespace wr::ui;
using Model = app::CheckpointListModel;

namespace {

constexpr int kLong = 15000;
constexpr const char* kScript = R"(x = tf.placeholder(tf.float32, [None, 2])
y = tf.placeholder(tf.int64, [None])
w = tf.Variable(tf.zeros([2, 2]), name="w")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, w)))
op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
wr.train(op, data=wr.data.moons(train=200, test=50), inputs=x, labels=y, batch_size=10, epochs=5,
         checkpoint_steps=10, checkpoint_keep=2)
)";

} // namespace

class TestCheckpointPage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void selectsByPin();
    void starsTagsAndNotes();
    void renamesInPlace();
    void trashesAndPutsBack();
    void findsDamageAndRecovers();
    void looksIntoATensor();
    void showsTensorsThreeWays();
    void looksQuickly();
    void savesACopy();
    void forgivesAFileThatIsGone();
    void drawsForReports();
    void cleanupTestCase();

private:
    CheckpointPage* page() { return m_window->findChild<CheckpointPage*>(); }
    QTableView* list() { return page()->list(); }
    QString name(int row) { return list()->model()->index(row, Model::NameColumn).data().toString(); }
    int rowOf(const QString& wanted)
    {
        for (int row = 0; row < list()->model()->rowCount(); ++row) {
            if (name(row) == wanted)
                return row;
        }
        return -1;
    }
    /// Types into the editor of a cell that the key has opened.
    void edit(Qt::Key key, const QString& text)
    {
        QTest::keyClick(list(), key);
        const QPointer<QLineEdit> editor = list()->findChild<QLineEdit*>();
        QVERIFY(editor);
        editor->selectAll();
        QTest::keyClicks(editor, text);
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!editor, kLong);
    }

    QTemporaryDir m_home;
    QTemporaryDir m_folder;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<MainWindow> m_window;
};

void TestCheckpointPage::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    qputenv("XDG_DATA_HOME", m_home.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("checkpoint-page"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
    QFile script(m_folder.filePath(QStringLiteral("model.wr")));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(kScript);
    script.close();
    QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("checkpoints")));
    for (int step = 10; step <= 50; step += 10) {
        const QString file =
            m_folder.filePath(QStringLiteral("checkpoints/step-%1.wrck").arg(step, 8, 10, QLatin1Char('0')));
        std::vector<NamedTensor> tensors = app::digitsTensors(static_cast<float>(step));
        std::vector<float> cube(static_cast<std::size_t>(3 * 4 * 5));
        for (std::size_t i = 0; i < cube.size(); ++i)
            cube[i] = static_cast<float>(i);
        tensors.push_back({"cube", Tensor::of(cube, {3, 4, 5})});
        // Large enough for frames of its own, so that damage there leaves the others whole.
        std::vector<float> large(200 * 500);
        std::uint32_t state = 7;
        for (float& value : large)
            value =
                static_cast<float>(static_cast<std::int32_t>(state = state * 1664525U + 1013904223U)) * 1e-9F;
        tensors.push_back({"large", Tensor::of(large, {200, 500})});
        QCOMPARE(app::writeCheckpoint(file, tensors,
                                      {{"step", std::to_string(step)},
                                       {"loss", std::to_string(1.0 / step)},
                                       {"keeper", "wr.train"},
                                       {"saved_as", QFileInfo(file).fileName().toStdString()},
                                       {"saved_at", "2026-11-27T10:" + std::to_string(step) + ":00Z"}}),
                 QString());
    }
    m_workspace = std::make_unique<Workspace>();
    m_window = std::make_unique<MainWindow>(m_workspace.get());
    m_window->resize(1400, 900);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    QVERIFY(m_workspace->openProject(m_folder.path()));
    m_window->showPage(MainWindow::Checkpoints);
    QTRY_COMPARE_WITH_TIMEOUT(list()->model()->rowCount(), 5, kLong);
    // Two are kept by the rule, so three are about to go.
    QTRY_VERIFY_WITH_TIMEOUT(list()->model()->index(4, 0).data(Model::GoesRole).toBool(), kLong);
}

void TestCheckpointPage::selectsByPin()
{
    CheckpointTimeline* const pins = page()->timeline();
    const int row = rowOf(QStringLiteral("step-00000020.wrck"));
    QTest::mouseClick(pins, Qt::LeftButton, {}, pins->pinAt(row).toPoint());
    QCOMPARE(page()->selectedPaths().size(), 1);
    QVERIFY(page()->selectedPaths().first().endsWith(QLatin1String("step-00000020.wrck")));
    const int other = rowOf(QStringLiteral("step-00000040.wrck"));
    QTest::mouseClick(pins, Qt::LeftButton, Qt::ControlModifier, pins->pinAt(other).toPoint());
    QCOMPARE(page()->selectedPaths().size(), 2);
    QTest::mouseClick(pins, Qt::LeftButton, {}, QPoint(3, 3)); // nowhere: nothing changes
    QCOMPARE(page()->selectedPaths().size(), 2);
}

void TestCheckpointPage::starsTagsAndNotes()
{
    const int row = rowOf(QStringLiteral("step-00000010.wrck"));
    QVERIFY(list()->model()->index(row, 0).data(Model::GoesRole).toBool());
    const QRect star = list()->visualRect(list()->model()->index(row, Model::StarColumn));
    QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, star.center());
    QCOMPARE(list()->model()->index(row, Model::StarColumn).data().toString(), QStringLiteral("★"));
    QTRY_VERIFY_WITH_TIMEOUT(!list()->model()->index(row, 0).data(Model::GoesRole).toBool(), kLong);
    list()->selectRow(rowOf(QStringLiteral("step-00000030.wrck")));
    edit(Qt::Key_N, QStringLiteral("a good one"));
    edit(Qt::Key_T, QStringLiteral("x, y"));
    QTRY_COMPARE_WITH_TIMEOUT(app::readNotes(m_folder.filePath(QStringLiteral("checkpoints")))
                                  .value(QStringLiteral("step-00000030.wrck"))
                                  .tags.size(),
                              2, kLong);
    QTest::keyClick(list(), Qt::Key_S);
    QTRY_COMPARE_WITH_TIMEOUT(
        list()->model()->index(list()->currentIndex().row(), Model::StayColumn).data().toString(),
        QStringLiteral("starred"), kLong);
}

void TestCheckpointPage::renamesInPlace()
{
    list()->selectRow(rowOf(QStringLiteral("step-00000030.wrck")));
    edit(Qt::Key_F2, QStringLiteral("the third"));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("the third.wrck")) >= 0, kLong);
    QTRY_VERIFY_WITH_TIMEOUT(page()->selectedPaths().value(0).endsWith(QLatin1String("the third.wrck")),
                             kLong);
    QTRY_COMPARE_WITH_TIMEOUT(
        list()->model()->index(rowOf(QStringLiteral("the third.wrck")), Model::NoteColumn).data().toString(),
        QStringLiteral("a good one"), kLong);
}

void TestCheckpointPage::trashesAndPutsBack()
{
    list()->selectRow(rowOf(QStringLiteral("step-00000020.wrck")));
    list()->setFocus();
    QTest::keyClick(list(), Qt::Key_Delete);
    QTRY_COMPARE_WITH_TIMEOUT(list()->model()->rowCount(), 4, kLong);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->text().contains(QLatin1String("trash")), kLong);
    QPushButton* undo = nullptr;
    for (auto* button : m_window->messages()->findChildren<QPushButton*>()) {
        if (button->text() == QLatin1String("Put back"))
            undo = button;
    }
    QVERIFY(undo != nullptr);
    QTest::mouseClick(undo, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(list()->model()->rowCount(), 5, kLong);
}

void TestCheckpointPage::findsDamageAndRecovers()
{
    QFile file(m_folder.filePath(QStringLiteral("checkpoints/step-00000020.wrck")));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() / 2));
    const char before = file.peek(1)[0];
    file.putChar(static_cast<char>(before ^ 0x20));
    file.close();
    list()->selectRow(rowOf(QStringLiteral("step-00000020.wrck")));
    list()->setFocus();
    QTest::keyClick(list(), Qt::Key_V);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->text().contains(QLatin1String("is damaged")), kLong);
    for (auto* button : m_window->messages()->findChildren<QPushButton*>()) {
        if (button->text() == QLatin1String("Recover"))
            QTest::mouseClick(button, Qt::LeftButton);
    }
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("step-00000020-recovered.wrck")) >= 0, kLong);
    QVERIFY(QFile::exists(file.fileName()));
    const int recovered = rowOf(QStringLiteral("step-00000020-recovered.wrck"));
    QVERIFY(!list()->model()->index(recovered, 0).data(Model::GoesRole).toBool());
    list()->selectRow(recovered);
    QTest::keyClick(list(), Qt::Key_V);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->text().contains(QLatin1String("every checksum agrees")),
                             kLong);
}

void TestCheckpointPage::looksIntoATensor()
{
    list()->selectRow(rowOf(QStringLiteral("step-00000040.wrck")));
    TensorPanel* const panel = page()->tensors();
    QTRY_VERIFY_WITH_TIMEOUT(
        panel->file() && panel->file()->path().endsWith(QLatin1String("step-00000040.wrck")), kLong);
    const auto choose = [&](const char* tensor) {
        for (int row = 0; row < panel->table()->model()->rowCount(); ++row) {
            if (panel->table()->model()->index(row, 0).data().toString() == QLatin1String(tensor))
                panel->table()->selectRow(row);
        }
    };
    choose("cube");
    TensorViewer* const viewer = panel->viewer();
    SliceView* const view = viewer->heatMap();
    QVERIFY(viewer->sliceBar()->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!viewer->isLoading(), kLong);
    QTest::mouseClick(view, Qt::LeftButton, {}, view->cellRect(1, 2).center().toPoint());
    QVERIFY2(viewer->pickedText().startsWith(QLatin1String("[0, 1, 2] = 7 ")),
             qPrintable(viewer->pickedText()));
    QTest::keyClick(view, Qt::Key_Down);
    QTest::keyClick(view, Qt::Key_Left);
    QVERIFY2(viewer->pickedText().startsWith(QLatin1String("[0, 2, 1] = 11 ")),
             qPrintable(viewer->pickedText()));
    // Another place of the axis that is not seen; the same cell is looked at.
    app::SliceChoice choice = viewer->sliceBar()->choice();
    choice.at[0] = 2;
    viewer->sliceBar()->setChoice(choice);
    QTRY_VERIFY_WITH_TIMEOUT(viewer->pickedText().startsWith(QLatin1String("[2, 2, 1] = 51 ")), kLong);
    viewer->sliceBar()->transpose();
    QTRY_VERIFY_WITH_TIMEOUT(viewer->pickedText().contains(QLatin1String("Click")), kLong);
    QTest::mouseClick(view, Qt::LeftButton, {}, view->cellRect(4, 1).center().toPoint());
    QVERIFY2(viewer->pickedText().startsWith(QLatin1String("[2, 1, 4] = 49 ")),
             qPrintable(viewer->pickedText()));

    choose("weights");
    QVERIFY(!viewer->sliceBar()->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!viewer->isLoading(), kLong);
    const double before = view->cellRect(0, 0).width();
    const QPointF about = view->rect().center();
    QWheelEvent wheel(about, view->mapToGlobal(about), {}, {0, 480}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(view, &wheel);
    QVERIFY(view->cellRect(0, 0).width() > before * 2);
    const QPointF corner = view->cellRect(0, 0).topLeft();
    const QPoint from = view->rect().center();
    QTest::mousePress(view, Qt::LeftButton, {}, from);
    QTest::mouseMove(view, from - QPoint(0, 40));
    QTest::mouseRelease(view, Qt::LeftButton, {}, from - QPoint(0, 40));
    QVERIFY(view->cellRect(0, 0).top() < corner.y());
    QTest::mouseDClick(view, Qt::LeftButton, {}, from);
    QCOMPARE(view->cellRect(0, 0).width(), before);
    for (int tab = 0; tab < viewer->tabs()->count(); ++tab) {
        viewer->tabs()->setCurrentIndex(tab);
        QTest::qWait(20);
    }
}

/// A rule may remove a file between its listing and a look into it.
void TestCheckpointPage::showsTensorsThreeWays()
{
    TensorPanel* const panel = page()->tensors();
    QTRY_VERIFY_WITH_TIMEOUT(panel->file(), kLong);
    QTest::keyClicks(panel->filter(), "ndim>=2 not cube");
    const int matrices = panel->table()->model()->rowCount();
    QVERIFY(matrices >= 2 && matrices < panel->file()->tensorCount());
    QCOMPARE(panel->filter()->verdict(), FilterField::Verdict::Fits);
    QTest::keyClicks(panel->filter(), " nothing");
    QCOMPARE(panel->table()->model()->rowCount(), 0);
    QCOMPARE(panel->filter()->verdict(), FilterField::Verdict::FitsNothing);
    panel->filter()->setText(QStringLiteral("shape:[x]"));
    QCOMPARE(panel->filter()->verdict(), FilterField::Verdict::Wrong);
    QCOMPARE(panel->table()->model()->rowCount(), panel->file()->tensorCount());
    panel->filter()->clear();
    panel->setView(TensorPanel::Tree);
    QVERIFY(panel->tree()->isVisible());
    QVERIFY(panel->tree()->currentIndex().isValid()); // what was selected in the list
    panel->setView(TensorPanel::Templates);
    QVERIFY(panel->templates()->isVisible());
    QVERIFY(panel->templates()->model()->rowCount() > 0);
    panel->setView(TensorPanel::List);
}

void TestCheckpointPage::looksQuickly()
{
    const int row = rowOf(QStringLiteral("step-00000040.wrck"));
    list()->setFocus();
    list()->selectRow(row);
    QTest::keyClick(list(), Qt::Key_Space);
    QuickLook* const look = page()->quickLook();
    QVERIFY(look->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!look->isReading(), kLong);
    QVERIFY2(look->text().contains(QLatin1String("step-00000040.wrck")), qPrintable(look->text()));
    QVERIFY2(look->text().contains(QLatin1String("elements")), qPrintable(look->text()));
    QCOMPARE(look->findChildren<SliceView*>().size(), 3);
    QTest::keyClick(list(), Qt::Key_Down); // it follows
    QVERIFY(!look->text().contains(QLatin1String("step-00000040.wrck")));
    QTest::keyClick(list(), Qt::Key_Escape);
    QVERIFY(!look->isVisible());
}

void TestCheckpointPage::savesACopy()
{
    list()->selectRow(rowOf(QStringLiteral("step-00000040.wrck")));
    list()->setFocus();
    QTest::keyClick(list(), Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    const QPointer<SaveCopyDialog> dialog = page()->findChild<SaveCopyDialog*>();
    QVERIFY(dialog);
    QCOMPARE(dialog->format()->currentData().toString(), QStringLiteral(".safetensors"));
    QTRY_VERIFY2_WITH_TIMEOUT(dialog->save()->isEnabled(), qPrintable(dialog->words()), kLong);
    const QString out = m_home.filePath(QStringLiteral("copy.safetensors"));
    dialog->target()->setText(out);
    dialog->type()->setCurrentIndex(dialog->type()->findData(QStringLiteral("float16")));
    QVERIFY(!dialog->save()->isEnabled()); // until it is known what it would be
    QTRY_VERIFY_WITH_TIMEOUT(dialog->save()->isEnabled(), kLong);
    QVERIFY2(dialog->words().contains(QLatin1String("about")), qPrintable(dialog->words()));
    QTest::mouseClick(dialog->save(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(out), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->text().contains(QLatin1String("rounded")), kLong);
    const auto copy = app::CheckpointFile::open(out);
    QVERIFY(copy.file);
    QCOMPARE(copy.file->tensor(copy.file->columns().find(QStringLiteral("cube"))).dtype,
             QStringLiteral("float16"));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("copy.safetensors")) >= 0, kLong);
    m_window->openPath(out); // as from the command line, or by a double click on a desktop
    QCOMPARE(m_workspace->recent().first(), out);
    QTRY_VERIFY_WITH_TIMEOUT(!dialog, kLong);
}

void TestCheckpointPage::forgivesAFileThatIsGone()
{
    m_window->messages()->dismiss();
    const int row = rowOf(QStringLiteral("step-00000050.wrck"));
    QVERIFY(QFile::remove(m_folder.filePath(QStringLiteral("checkpoints/step-00000050.wrck"))));
    list()->selectRow(row);
    QTRY_COMPARE_WITH_TIMEOUT(rowOf(QStringLiteral("step-00000050.wrck")), -1, kLong);
    QTest::qWait(50);
    QVERIFY2(m_window->messages()->text().isEmpty() || !m_window->messages()->isVisible(),
             qPrintable(m_window->messages()->text()));
}

/// With WEIGHTROOM_SCREENSHOTS set, pictures of the page in both themes.
void TestCheckpointPage::drawsForReports()
{
    const QString folder = qEnvironmentVariable("WEIGHTROOM_SCREENSHOTS");
    for (const Theme::Choice choice : {Theme::Choice::Light, Theme::Choice::Dark}) {
        Theme::instance().setChoice(choice, false);
        const QPixmap picture = m_window->grab();
        QVERIFY(!picture.isNull());
        if (!folder.isEmpty())
            picture.save(folder + (choice == Theme::Choice::Dark ? QStringLiteral("/checkpoints-dark.png")
                                                                 : QStringLiteral("/checkpoints.png")));
    }
}

void TestCheckpointPage::cleanupTestCase()
{
    m_window.reset();
    m_workspace.reset();
}

QTEST_MAIN(TestCheckpointPage)
#include "tst_checkpoint_page.moc"
