// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a laid out graph: frames, lines, boxes; only what meets the visible part, and with less detail the
// smaller it gets. Devices have a colour and a pattern, kinds an outline, variables the ring of their life.
// Keeps elided labels and curves between frames. Owned by the view; UI thread.
#pragma once

#include "app/models/graph_opening.h"
#include "ui/widgets/graph_info.h"

#include <QFont>
#include <QPainterPath>

class QPainter;

namespace wr::ui {

class GraphPainter {
public:
    void setPicture(const app::GraphPicture& picture, const QFont& font);
    void setLife(LifeOf life) { m_life = std::move(life); }
    /// `visible` in the graph's own lengths; the painter is scaled already. `current`, `hovered`: places or
    /// −1.
    void paint(QPainter* painter, const QRectF& visible, double scale, int current, int hovered,
               bool hasFocus);
    static constexpr double kDetailScale = 0.45; ///< below it there is no text

private:
    enum class Ink { Line, Control, Initial, Update, Chosen };
    void paintFrame(QPainter* painter, int place, const QRectF& visible);
    void paintFrameLabels(QPainter* painter, const QRectF& visible);
    void paintBox(QPainter* painter, int place);
    void paintOutline(QPainter* painter, const app::GraphBox& box, const QRectF& rect);
    void paintLabel(QPainter* painter, int place);
    void paintSmallBox(QPainter* painter, int place);
    void paintEdges(QPainter* painter, const QRectF& visible, int current);
    void paintEdge(QPainter* painter, std::size_t edge, bool isChosen);
    void paintMark(QPainter* painter, int place, bool isCurrent, bool hasFocus);
    const app::GraphBox& boxOf(int place) const;
    int laneOf(const app::GraphBox& box) const; ///< for its look
    const QPainterPath& curve(std::size_t edge);
    bool isInsideOf(int place, int outer) const;

    app::GraphPicture m_picture;
    LifeOf m_life;
    QFont m_font;
    QFont m_smallFont;
    double m_scale = 1.0;
    std::vector<QPainterPath> m_curves; ///< made when first seen
    std::vector<QString> m_labels;      ///< of places, elided; made when first seen
    std::vector<QString> m_seconds;
};

} // namespace wr::ui
