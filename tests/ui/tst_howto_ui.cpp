// SPDX-License-Identifier: GPL-3.0-or-later
// The how-to's code blocks pasted into the real window (clipboard and Ctrl+Shift+V): what the table, the
// problems and the recipe show, and what the recipe's buttons do; and the start page, by mouse and keys.
#include "app/library/checkpoint_file.h"
#include "app/models/recipe_list_model.h"
#include "app/models/variable_table_model.h"
#include "tests/app/howto_snippets.h"
#include "ui/main_window/main_window.h"
#include "ui/pages/model_page.h"
#include "ui/pages/recipe_panel.h"
#include "ui/pages/start_page.h"
#include "ui/pages/variable_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/start_card.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QListView>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace wr;
using namespace wr::ui;
using app::RecipeListModel;

namespace {
constexpr int kLong = 60000;
}

class TestHowtoUi : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void pastes_data();
    void pastes();
    void pastesHoles_data();
    void pastesHoles();
    void savesAndRestores();
    void runsByKeys();
    void saysWhatFailed();
    void startsFromCards();
    void startsFromText();
    void listsRecentProjects();

private:
    void paste(const QString& text);
    QStringList column(QAbstractItemModel* model, int column) const;
    RecipePanel* recipe() { return m_window->modelPage()->recipe(); }
    QStringList problems();
    void picture(const char* name);
    void toProject(const QString& folder) { QVERIFY(m_workspace->saveAs(folder)); }
    void press(QPushButton* button)
    {
        QTRY_VERIFY_WITH_TIMEOUT(button->isEnabled(), kLong);
        QTest::mouseClick(button, Qt::LeftButton);
    }

    QTemporaryDir m_home;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<MainWindow> m_window;
};

void TestHowtoUi::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("howto"));
}

void TestHowtoUi::init()
{
    Theme::instance().setChoice(Theme::Choice::Light, false);
    m_workspace = std::make_unique<Workspace>();
    m_window = std::make_unique<MainWindow>(m_workspace.get());
    m_window->resize(1300, 820);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestHowtoUi::cleanup()
{
    m_window.reset();
    m_workspace.reset();
}

/// As a person does it.
void TestHowtoUi::paste(const QString& text)
{
    QGuiApplication::clipboard()->setText(text);
    QTest::keyClick(m_window.get(), Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(m_workspace->project().script(), text);
    QVERIFY(m_window->page() == MainWindow::Model);
}

QStringList TestHowtoUi::column(QAbstractItemModel* model, int column) const
{
    QStringList cells;
    for (int row = 0; row < model->rowCount(); ++row)
        cells += model->index(row, column).data().toString();
    return cells;
}

QStringList TestHowtoUi::problems()
{
    for (QListView* list : m_window->modelPage()->findChildren<QListView*>()) {
        if (list->accessibleName() == QStringLiteral("Problems"))
            return column(list->model(), 0);
    }
    return {QStringLiteral("there is no list of problems")};
}

/// Leaves a picture of the window in both themes where WEIGHTROOM_PICTURES names a folder.
void TestHowtoUi::picture(const char* name)
{
    const QString folder = qEnvironmentVariable("WEIGHTROOM_PICTURES");
    if (folder.isEmpty())
        return;
    for (const Theme::Choice theme : {Theme::Choice::Light, Theme::Choice::Dark}) {
        Theme::instance().setChoice(theme, false);
        for (const QSize size : {QSize(1024, 700), QSize(1600, 1000)}) {
            m_window->resize(size);
            QTest::qWait(50);
            m_window->grab().save(
                QStringLiteral("%1/%2-%3-%4.png")
                    .arg(folder, QLatin1String(name),
                         theme == Theme::Choice::Dark ? QStringLiteral("dark") : QStringLiteral("light"))
                    .arg(size.width()));
        }
    }
    Theme::instance().setChoice(Theme::Choice::Light, false);
}

void TestHowtoUi::pastes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("notes");
    const QStringList pair{"weights", "biases"};
    const QStringList two{"v1", "v2"};
    QTest::newRow("create") << QString::fromUtf8(howto::kCreate) << pair << QStringList{} << 0;
    QTest::newRow("initialise") << QString::fromUtf8(howto::kInitialize) << pair
                                << QStringList{"init", "hole"} << 1;
    QTest::newRow("from another") << QString::fromUtf8(howto::kFromAnother)
                                  << QStringList{"weights", "w2", "w_twice"} << QStringList{} << 0;
    QTest::newRow("save") << howto::completed(howto::kSave) << two
                          << QStringList{"init", "hole", "save", "print"} << 1;
    QTest::newRow("restore") << howto::completed(howto::kRestore) << two
                             << QStringList{"restore", "print", "hole"} << 0;
    QTest::newRow("choose") << howto::completed(howto::kChoose) << two << QStringList{} << 0;
}

void TestHowtoUi::pastes()
{
    QFETCH(QString, text);
    QFETCH(QStringList, names);
    QFETCH(QStringList, words);
    QFETCH(int, notes);
    paste(text);
    QTableView* table = m_window->modelPage()->variables()->table();
    QCOMPARE(column(table->model(), app::VariableTableModel::NameColumn), names);
    QCOMPARE(problems().size(), notes);
    QStringList shown;
    for (int row = 0; row < recipe()->model()->rowCount(); ++row)
        shown += recipe()->model()->index(row, 0).data(RecipeListModel::WordRole).toString();
    QCOMPARE(shown, words);
    // Without actions the panel says what to do.
    m_window->modelPage()->showRecipe();
    QCOMPARE(recipe()->table()->isVisible(), !words.isEmpty());
    QTRY_COMPARE(recipe()->runButton()->isEnabled(), !words.isEmpty());
    // Nothing runs because it was pasted.
    for (const QString& name : names)
        QVERIFY(m_workspace->run().variableLife(name) == app::VariableLife::Uninitialized);
}

void TestHowtoUi::pastesHoles_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("variables");
    QTest::addColumn<int>("actions");
    QTest::newRow("devices") << QString::fromUtf8(howto::kDevices) << 3 << 0;
    QTest::newRow("save") << QString::fromUtf8(howto::kSave) << 2 << 4;
    QTest::newRow("restore") << QString::fromUtf8(howto::kRestore) << 2 << 3;
    QTest::newRow("choose") << QString::fromUtf8(howto::kChoose) << 2 << 0;
}

/// The blocks with "..." in the place of initial values: incomplete variables, each told, and no error.
void TestHowtoUi::pastesHoles()
{
    QFETCH(QString, text);
    QFETCH(int, variables);
    QFETCH(int, actions);
    paste(text);
    if (m_workspace->project().isStale())
        QSKIP("this build takes a hole for an error");
    QTableView* table = m_window->modelPage()->variables()->table();
    QCOMPARE(table->model()->rowCount(), variables);
    QVERIFY(problems().size() >= variables);
    QCOMPARE(recipe()->model()->rowCount(), actions);
}

void TestHowtoUi::savesAndRestores()
{
    const QString folder = m_home.filePath(QStringLiteral("saves"));
    paste(howto::completed(howto::kSave) +
          QStringLiteral("\nwith tf.Session() as later:\n  later.run(v2.assign(v2 * 3.0))\n"
                         "  saver.restore(later, save_path)\n  print(\"Model restored.\")\n"));
    toProject(folder);
    m_window->modelPage()->showRecipe();
    press(recipe()->runButton());
    QTRY_VERIFY_WITH_TIMEOUT(recipe()->continueButton()->isVisible(), kLong);
    QVERIFY(!recipe()->model()->index(1, RecipeListModel::ResultColumn).data().toString().isEmpty());
    picture("recipe-open");
    press(recipe()->continueButton());
    const QString file = folder + QStringLiteral("/checkpoints/model.ckpt.wrck");
    QTRY_COMPARE_WITH_TIMEOUT(column(recipe()->model(), RecipeListModel::ResultColumn).last(),
                              QStringLiteral("Model saved in file: ") + file, kLong);
    QVERIFY(QFile::exists(file));
    QVERIFY(!recipe()->continueButton()->isVisible());
    const auto saved = app::CheckpointFile::open(file);
    QVERIFY(saved.file != nullptr);
    QCOMPARE(saved.file->tensorCount(), 2);
    const QVector<double> before = saved.file->preview(1).sample;
    QVERIFY(before.size() == 4 && before[0] != 0.0);
    picture("recipe-done");

    // The second block: the values change and come back.
    recipe()->model()->setProgram(1);
    QCOMPARE(recipe()->model()->rowCount(), 3);
    press(recipe()->runButton());
    QTRY_COMPARE_WITH_TIMEOUT(column(recipe()->model(), RecipeListModel::ResultColumn).last(),
                              QStringLiteral("Model restored."), kLong);
    QTRY_VERIFY(m_workspace->run().variableLife(QStringLiteral("v2")) == app::VariableLife::Restored);
    QSignalSpy written(&m_workspace->run(), &app::RunController::saved);
    m_workspace->run().save(true, folder + QStringLiteral("/again.wrck"));
    QVERIFY(written.wait(kLong));
    const auto again = app::CheckpointFile::open(folder + QStringLiteral("/again.wrck"));
    QVERIFY(again.file != nullptr);
    QCOMPARE(again.file->tensor(1).digest, saved.file->tensor(1).digest); // bit for bit
    QVERIFY(m_window->actions().undoRestore->isEnabled());
}

void TestHowtoUi::runsByKeys()
{
    paste(QString::fromUtf8(howto::kInitialize));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->actions().runRecipe->isEnabled(), kLong);
    QTest::keyClick(m_window.get(), Qt::Key_F5, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->actions().continueRecipe->isEnabled(), kLong);
    QTRY_VERIFY(m_workspace->run().variableLife(QStringLiteral("weights")) == app::VariableLife::Initialized);
    QVERIFY(recipe()->table()->isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_F6, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->actions().continueRecipe->isEnabled(), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->actions().runRecipe->isEnabled(), kLong);
    // Enter on an action goes to its line.
    recipe()->table()->setFocus();
    recipe()->table()->setCurrentIndex(recipe()->model()->index(0, 0));
    QSignalSpy chosen(recipe(), &RecipePanel::lineChosen);
    QTest::keyClick(recipe()->table(), Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.first().first().toInt(), 12);
}

void TestHowtoUi::saysWhatFailed()
{
    paste(howto::completed(howto::kRestore));
    m_window->modelPage()->showRecipe();
    press(recipe()->runButton());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->isVisible(), kLong);
    QVERIFY2(m_window->messages()->text().contains(QStringLiteral("not a valid checkpoint: /tmp/model.ckpt")),
             qPrintable(m_window->messages()->text()));
    const QModelIndex first = recipe()->model()->index(0, 0);
    QTRY_COMPARE_WITH_TIMEOUT(first.data(RecipeListModel::StateRole).toInt(),
                              static_cast<int>(app::RecipeStepState::Failed), kLong);
    QCOMPARE(recipe()->model()->index(1, 0).data(RecipeListModel::StateRole).toInt(),
             static_cast<int>(app::RecipeStepState::Waiting));
    picture("recipe-failed");
}

void TestHowtoUi::startsFromCards()
{
    m_window->actions().startPage->trigger();
    StartPage* start = m_window->startPage();
    QVERIFY(start->isVisible());
    const QList<StartCard*> cards = start->findChildren<StartCard*>();
    QCOMPARE(cards.size(), 12);
    picture("start");
    for (StartCard* card : cards) {
        QVERIFY(!card->accessibleName().isEmpty());
        QVERIFY(card->focusPolicy() & Qt::TabFocus);
    }
    // By keys: from the first card to the second, and Enter.
    m_window->activateWindow();
    cards[0]->setFocus();
    QTest::keyClick(cards[0], Qt::Key_Tab);
    QTRY_COMPARE(QApplication::focusWidget(), cards[1]);
    QTest::keyClick(cards[1], Qt::Key_Return);
    QTRY_VERIFY(!start->isVisible());
    QVERIFY(m_window->page() == MainWindow::Model);
    QCOMPARE(m_workspace->project().title(), QStringLiteral("variables"));
    QVERIFY(m_workspace->project().problems().isEmpty());
    QCOMPARE(m_workspace->project().variables().size(), 4);

    // Its recipes do what they say, and w_twice is twice the weights, bit for bit.
    const QString folder = m_workspace->project().checkpointDirectory();
    m_window->modelPage()->showRecipe();
    press(recipe()->runButton());
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder + QStringLiteral("/part.ckpt.wrck")), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(!m_workspace->run().recipe().isRunning, kLong);
    const auto saved = app::CheckpointFile::open(folder + QStringLiteral("/model.ckpt.wrck"));
    QVERIFY(saved.file != nullptr);
    const QVector<double> twice = saved.file->preview(2).sample;
    const QVector<double> weights = saved.file->preview(3).sample;
    QCOMPARE(saved.file->tensor(2).name, QStringLiteral("w_twice"));
    QVERIFY(weights.size() > 1000);
    for (qsizetype i = 0; i < weights.size(); ++i)
        QVERIFY(twice[i] == 2.0 * weights[i]);
    QCOMPARE(saved.file->tensor(1).digest, saved.file->tensor(3).digest); // w2
    recipe()->model()->setProgram(1);
    press(recipe()->runButton());
    QTRY_VERIFY_WITH_TIMEOUT(column(recipe()->model(), RecipeListModel::ResultColumn)
                                 .last()
                                 .startsWith(QStringLiteral("biases: [0, 0")),
                             kLong);
    picture("example-variables");
}

void TestHowtoUi::startsFromText()
{
    m_window->showStart();
    StartPage* start = m_window->startPage();
    QMimeData data;
    const QString text = QString::fromUtf8(howto::kCreate);
    data.setText(text);
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(start, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(start, &drop);
    QCOMPARE(m_workspace->project().script(), text);
    QVERIFY(!start->isVisible());
    QCOMPARE(m_workspace->project().variables().size(), 2);
}

void TestHowtoUi::listsRecentProjects()
{
    const QString here = m_home.filePath(QStringLiteral("here"));
    const QString gone = m_home.filePath(QStringLiteral("gone"));
    QVERIFY(QDir().mkpath(here));
    QFile script(here + QStringLiteral("/model.wr"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(howto::kCreate);
    script.close();
    QSettings().setValue(QStringLiteral("recent"), QStringList{here, gone});
    m_window->showStart();
    StartPage* start = m_window->startPage();
    const auto rows = [start] {
        QList<QToolButton*> visible;
        for (QToolButton* row : start->findChildren<QToolButton*>(QStringLiteral("recent"))) {
            if (row->isVisible())
                visible += row;
        }
        return visible;
    };
    QTRY_VERIFY(rows().size() == 2 && rows()[0]->isEnabled() && !rows()[1]->isEnabled());
    QVERIFY(rows()[1]->text().startsWith("gone"));
    picture("start-recent");
    const QList<QToolButton*> forget = start->findChildren<QToolButton*>(QStringLiteral("forget"));
    QTest::mouseClick(forget[1], Qt::LeftButton);
    QTRY_COMPARE(rows().size(), 1);
    QCOMPARE(m_workspace->recent(), QStringList{here});
    QTest::mouseClick(rows()[0], Qt::LeftButton);
    QTRY_COMPARE(m_workspace->project().directory(), here);
    QVERIFY(!start->isVisible());
}

QTEST_MAIN(TestHowtoUi)
#include "tst_howto_ui.moc"
