// SPDX-License-Identifier: GPL-3.0-or-later
// A window onto a laid out graph: drag moves it, the wheel zooms at the pointer, a click or the arrow keys
// choose a box, double click or Enter opens and closes a group. It changes nothing itself: it says what was
// asked for. UI thread; laying out happens elsewhere, and a new picture keeps in place what was looked at.
#pragma once

#include "ui/widgets/graph_painter.h"

#include <QPointer>
#include <QWidget>

class QLabel;
class QLineEdit;

namespace wr::ui {

class GraphView : public QWidget {
    Q_OBJECT
public:
    explicit GraphView(QWidget* parent = nullptr);

    void setPicture(const app::GraphPicture& picture);
    const app::GraphPicture& picture() const { return m_picture; }
    void setLife(LifeOf life);

    /// A box of the model graph, or −1. One that is not visible is shown by the closed group around it.
    int current() const { return m_current; }
    /// Tells nobody.
    void setCurrent(int box, bool bringIntoView);
    void centreOn(int box);

    void fit();
    void zoomBy(double factor, const QPointF& at);
    void zoomBy(double factor) { zoomBy(factor, rect().center()); }
    double scale() const { return m_scale; }
    QRectF windowRectOf(int box) const;       ///< empty where it is not visible
    int boxAt(const QPointF& position) const; ///< −1: none
    bool beginRename();
    void showInfo(bool show);
    bool isInfoShown() const;
    QSize sizeHint() const override { return {480, 360}; }

signals:
    void currentChanged(int box); ///< by mouse or keys
    void toggled(int box);
    void jumpRequested(int box);
    void menuRequested(int box, const QPoint& global);
    void renamed(const QString& before, const QString& after);
    void removeRequested(const QString& variable);
    void searchRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Way { Up, Down, Left, Right };
    const app::GraphBox* box(int index) const;
    int placeOf(int box) const;
    int placeAt(const QPointF& position) const;
    bool isOnChevron(int place, const QPointF& position) const;
    QPointF toGraph(const QPointF& position) const { return position / m_scale + m_origin; }
    QPointF toWindow(const QPointF& point) const { return (point - m_origin) * m_scale; }
    void choose(int place);
    void moveCurrent(Way way);
    int alongEdges(Way way) const;
    int nearest(Way way) const;
    void chooseEnd(bool isFirst);
    void activate(int place);
    void keepInSight();
    void bringIntoView(int place);
    void endRename(bool isKept);
    void tellWhatIsCurrent();
    void placeInfo();

    app::GraphPicture m_picture;
    GraphPainter m_painter;
    LifeOf m_life;
    double m_scale = 1.0;
    QPointF m_origin; ///< what stands at the window's top left corner
    int m_current = -1;
    int m_anchor = -1; ///< the box that was opened or closed last, to be kept in place
    int m_hovered = -1;
    QPointF m_pressed;
    QPointF m_originPressed;
    bool m_isPressed = false;
    bool m_isDragging = false;
    bool m_isFitted = true; ///< until somebody moves it, it follows the window's size
    QPointer<QLineEdit> m_rename;
    QLabel* m_info;
};

} // namespace wr::ui
