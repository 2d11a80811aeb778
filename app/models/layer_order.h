// SPDX-License-Identifier: GPL-3.0-or-later
// A connected piece of a layered layout: boxes and bends in their layers, put into an order with few
// crossings and then as far under their neighbours as the order allows. Used by layered_layout.cpp; pure.
#pragma once

#include <QPointF>
#include <functional>
#include <utility>
#include <vector>

namespace wr::app {

struct LayeredDrawing {
    static constexpr double kBendWidth = 8.0;

    struct Item {
        int layer = 0;
        int node = -1; ///< −1: a bend of an edge that passes through the layer
        double width = 0.0;
        double height = 0.0;
        double x = 0.0; ///< of the centre
        double y = 0.0;
        double layerHeight = 0.0;
        int column = 0;
        std::vector<int> above;
        std::vector<int> below;
    };

    std::vector<Item> items;
    std::vector<std::vector<int>> layers;                     ///< items from left to right
    std::vector<std::pair<int, std::vector<QPointF>>> routes; ///< edge, points
    double width = 0.0;
    double height = 0.0;

    int add(int layer, double itemWidth, double itemHeight, int node);
    void connect(int upper, int lower);
    /// Orders the layers and sets every x, beginning at 0.
    void arrange(const std::function<bool()>& isCancelled);
    /// Sets every y, and the size. What would be a narrow ribbon is folded into columns, read from left to
    /// right, if few edges cross the folds.
    void stack();
    /// From the lower border of the first item to the upper border of the last, through the bends between.
    std::vector<QPointF> route(const std::vector<int>& chain) const;

private:
    void reduceCrossings(const std::function<bool()>& isCancelled);
    void placeItems(const std::function<bool()>& isCancelled);
    void sortLayer(std::size_t layer, bool byAbove);
    void placeLayer(std::size_t layer, bool byAbove, bool byBelow);
    qint64 crossings() const;
    std::vector<int> chooseFolds(const std::vector<double>& heights) const;
    void goRound(std::vector<QPointF>& points, const Item& from, const Item& to) const;
    double attachment(int item, int other, bool isBelow) const;

    std::vector<int> m_place;      ///< of each item in its layer
    std::vector<double> m_bottoms; ///< of the columns
    double m_columnWidth = 0.0;
};

} // namespace wr::app
