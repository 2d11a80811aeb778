// SPDX-License-Identifier: GPL-3.0-or-later
// A Place page with a project in it, and the hands to move variables on it. For tests.
#pragma once

#include "app/models/lane_model.h"
#include "ui/pages/place_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/device_lane.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QDragLeaveEvent>
#include <QDropEvent>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

/// The macro works outside of namespaces only.
inline void initPlaceResources()
{
    Q_INIT_RESOURCE(icons);
}

namespace wr::ui {

constexpr int kLong = 60000;

inline constexpr const char* kPlaceScript =
    R"(weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35), name="hidden/weights")
biases = tf.Variable(tf.zeros([200]), name="hidden/biases")
step = tf.Variable(tf.zeros([1]), name="step")
with tf.device("/gpu:0"):
    far = tf.Variable(tf.zeros([1000]), name="far")
for i in range(3):
    layer = tf.Variable(tf.zeros([20]), name=f"layer{i}")
)";

inline QPoint rowCentre(const DeviceLane* lane, int row)
{
    return lane->list()->visualRect(lane->model()->index(row)).center();
}

inline void click(DeviceLane* lane, int row, Qt::KeyboardModifiers keys = {})
{
    QTest::mouseClick(lane->list()->viewport(), Qt::LeftButton, keys, rowCentre(lane, row));
}

inline int rowNamed(const DeviceLane* lane, const QString& name)
{
    for (int row = 0; row < lane->model()->rowCount(); ++row) {
        if (lane->model()->index(row).data().toString() == name)
            return row;
    }
    return -1;
}

/// What a drag from one lane sends to another: the offscreen platform has no drags of its own.
class Drag {
public:
    Drag(const DeviceLane* from, DeviceLane* to, Qt::KeyboardModifiers keys = {})
        : m_data(from->model()->mimeData(from->list()->selectionModel()->selectedIndexes())),
          m_target(to->list()->viewport()), m_at(m_target->rect().center()), m_keys(keys)
    {
        QDragEnterEvent enter(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, keys);
        QApplication::sendEvent(m_target, &enter);
        m_isEntered = enter.isAccepted();
    }
    bool move()
    {
        QDragMoveEvent move(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, m_keys);
        QApplication::sendEvent(m_target, &move);
        return m_isEntered && move.isAccepted();
    }
    bool drop()
    {
        QDropEvent drop(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, m_keys);
        QApplication::sendEvent(m_target, &drop);
        return drop.isAccepted();
    }
    void leave()
    {
        QDragLeaveEvent leave;
        QApplication::sendEvent(m_target, &leave);
    }
    QString text() const { return m_data->text(); }

private:
    std::unique_ptr<QMimeData> m_data;
    QWidget* m_target;
    QPoint m_at;
    Qt::KeyboardModifiers m_keys;
    bool m_isEntered = false;
};

/// One workspace and its page. Made anew for each test.
class PlaceStage {
public:
    PlaceStage() : m_page(&m_workspace), m_complaints(&m_page, &PlacePage::complained)
    {
        m_page.resize(1200, 760);
        m_page.show();
    }
    /// Once a program, before the first stage.
    static void prepare(const QTemporaryDir& home)
    {
        initPlaceResources();
        qputenv("HOME", home.path().toUtf8());
        qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
        QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
        QCoreApplication::setApplicationName(QStringLiteral("place"));
        Theme::instance().setChoice(Theme::Choice::Light, false);
    }
    /// Whether the lanes show the text.
    bool open(const QString& text)
    {
        project().newFromText(text, QStringLiteral("test"));
        return settle();
    }
    /// Whether the devices are known and the script of the tests is shown.
    bool begin()
    {
        return QTest::qWaitForWindowExposed(&m_page) &&
               QTest::qWaitFor([&] { return !m_workspace.run().devices().isEmpty(); }, kLong) &&
               open(QString::fromUtf8(kPlaceScript)) && lane("Auto") != nullptr &&
               lane("/cpu:0") != nullptr && lane("/gpu:0") != nullptr;
    }
    /// The lanes have what was written.
    bool settle()
    {
        return QTest::qWaitFor([&] { return !project().isPlacing() && m_page.isUpToDate(); }, kLong);
    }

    app::Project& project() { return m_workspace.project(); }
    Workspace& workspace() { return m_workspace; }
    PlacePage& page() { return m_page; }
    DeviceLane* lane(const char* title) { return m_page.lane(QLatin1String(title)); }
    QSignalSpy& complaints() { return m_complaints; }

private:
    Workspace m_workspace;
    PlacePage m_page;
    QSignalSpy m_complaints;
};

} // namespace wr::ui
