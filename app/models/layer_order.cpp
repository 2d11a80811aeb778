// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/layer_order.h"

#include <algorithm>
#include <cmath>

namespace wr::app {
namespace {

constexpr double kBoxGap = 20.0;
constexpr double kBendGap = 8.0;
constexpr double kLayerGap = 36.0;
constexpr double kColumnGap = 64.0;
constexpr int kSweeps = 8;
constexpr int kPlacings = 10;

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

} // namespace

int LayeredDrawing::add(int layer, double itemWidth, double itemHeight, int node)
{
    Item item;
    item.layer = layer;
    item.node = node;
    item.width = itemWidth;
    item.height = itemHeight;
    items.push_back(std::move(item));
    layers[index(layer)].push_back(static_cast<int>(items.size()) - 1);
    return static_cast<int>(items.size()) - 1;
}

void LayeredDrawing::connect(int upper, int lower)
{
    items[index(upper)].below.push_back(lower);
    items[index(lower)].above.push_back(upper);
}

void LayeredDrawing::arrange(const std::function<bool()>& isCancelled)
{
    m_place.resize(items.size());
    for (const std::vector<int>& layer : layers) {
        for (std::size_t i = 0; i < layer.size(); ++i)
            m_place[index(layer[i])] = static_cast<int>(i);
    }
    reduceCrossings(isCancelled);
    placeItems(isCancelled);
}

void LayeredDrawing::sortLayer(std::size_t layer, bool byAbove)
{
    std::vector<std::pair<double, int>> order;
    for (const int item : layers[layer]) {
        const std::vector<int>& others = byAbove ? items[index(item)].above : items[index(item)].below;
        double sum = 0.0;
        for (const int other : others)
            sum += m_place[index(other)];
        // What has no neighbour there stays where it is.
        order.emplace_back(others.empty() ? m_place[index(item)] : sum / static_cast<double>(others.size()),
                           item);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < order.size(); ++i) {
        layers[layer][i] = order[i].second;
        m_place[index(order[i].second)] = static_cast<int>(i);
    }
}

/// Inversions between neighbouring layers, counted with a Fenwick tree.
qint64 LayeredDrawing::crossings() const
{
    qint64 total = 0;
    std::vector<int> tree;
    std::vector<int> ends;
    for (std::size_t layer = 0; layer + 1 < layers.size(); ++layer) {
        const std::size_t count = layers[layer + 1].size();
        tree.assign(count + 1, 0);
        int seen = 0;
        for (const int item : layers[layer]) {
            ends.clear();
            for (const int other : items[index(item)].below) {
                if (items[index(other)].layer == items[index(item)].layer + 1)
                    ends.push_back(m_place[index(other)]);
            }
            for (const int end : ends) {
                int notRight = 0;
                for (auto i = index(end) + 1; i > 0; i -= i & (~i + 1))
                    notRight += tree[i];
                total += seen - notRight;
            }
            for (const int end : ends) {
                for (auto i = index(end) + 1; i <= count; i += i & (~i + 1))
                    ++tree[i];
                ++seen;
            }
        }
    }
    return total;
}

void LayeredDrawing::reduceCrossings(const std::function<bool()>& isCancelled)
{
    std::vector<std::vector<int>> best = layers;
    qint64 fewest = crossings();
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
        if (isCancelled && isCancelled())
            return;
        if (sweep % 2 == 0) {
            for (std::size_t layer = 1; layer < layers.size(); ++layer)
                sortLayer(layer, true);
        } else {
            for (std::size_t layer = layers.size() - 1; layer-- > 0;)
                sortLayer(layer, false);
        }
        if (const qint64 now = crossings(); now < fewest) {
            fewest = now;
            best = layers;
        }
    }
    layers = std::move(best);
    for (const std::vector<int>& layer : layers) {
        for (std::size_t i = 0; i < layer.size(); ++i)
            m_place[index(layer[i])] = static_cast<int>(i);
    }
}

/// Each item wants to be under (and over) its neighbours; the nearest places in the given order, in the sense
/// of least squares, are found by merging items that would overlap into blocks.
void LayeredDrawing::placeLayer(std::size_t layer, bool byAbove, bool byBelow)
{
    struct Block {
        double sum; // of weight × (wish − offset)
        double weight;
        std::size_t first;
    };
    const std::vector<int>& order = layers[layer];
    std::vector<double> offset(order.size(), 0.0); // if all stood side by side
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Item& item = items[index(order[i])];
        if (i > 0) {
            const Item& left = items[index(order[i - 1])];
            const double gap = item.node >= 0 || left.node >= 0 ? kBoxGap : kBendGap;
            offset[i] = offset[i - 1] + (left.width + item.width) / 2 + gap;
        }
        double sum = 0.0;
        double weight = 0.0;
        const auto add = [&](const std::vector<int>& others) {
            for (const int other : others) {
                const bool isStraight = item.node < 0 || items[index(other)].node < 0;
                const double pull = isStraight ? 3.0 : 1.0;
                sum += pull * items[index(other)].x;
                weight += pull;
            }
        };
        if (byAbove)
            add(item.above);
        if (byBelow)
            add(item.below);
        constexpr double kInertia = 0.01;
        sum += kInertia * item.x;
        weight += kInertia;
        blocks.push_back({sum - weight * offset[i], weight, i});
        while (blocks.size() > 1) {
            const Block last = blocks.back();
            Block& previous = blocks[blocks.size() - 2];
            if (previous.sum / previous.weight <= last.sum / last.weight)
                break;
            previous.sum += last.sum;
            previous.weight += last.weight;
            blocks.pop_back();
        }
    }
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const std::size_t end = block + 1 < blocks.size() ? blocks[block + 1].first : order.size();
        for (std::size_t i = blocks[block].first; i < end; ++i)
            items[index(order[i])].x = blocks[block].sum / blocks[block].weight + offset[i];
    }
}

void LayeredDrawing::placeItems(const std::function<bool()>& isCancelled)
{
    for (const std::vector<int>& layer : layers) {
        double x = 0.0;
        for (const int item : layer) {
            items[index(item)].x = x + items[index(item)].width / 2;
            x += items[index(item)].width + kBoxGap;
        }
        for (const int item : layer)
            items[index(item)].x -= x / 2;
    }
    for (int placing = 0; placing < kPlacings; ++placing) {
        if (isCancelled && isCancelled())
            return;
        const bool isLast = placing >= kPlacings - 2;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const bool isDown = placing % 2 == 0;
            placeLayer(isDown ? i : layers.size() - 1 - i, isDown || isLast, !isDown || isLast);
        }
    }
    double left = 0.0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const double edge = items[i].x - items[i].width / 2;
        left = i == 0 ? edge : std::min(left, edge);
    }
    for (Item& item : items)
        item.x -= left;
}

/// The first layer of each column after the first; empty: one column will do.
std::vector<int> LayeredDrawing::chooseFolds(const std::vector<double>& heights) const
{
    constexpr double kRibbon = 2.2; // as tall as that many widths
    constexpr double kColumnShape = 1.1;
    constexpr std::size_t kFewestLayers = 6;
    constexpr int kMostAcross = 4;
    double whole = 0.0;
    for (const double layer : heights)
        whole += layer + kLayerGap;
    const double column = m_columnWidth + kColumnGap;
    if (layers.size() < kFewestLayers || whole < kRibbon * m_columnWidth)
        return {};
    const auto columns = static_cast<int>(std::lround(std::sqrt(whole / (kColumnShape * column))));
    std::vector<int> across(layers.size(), 0); // edges into each layer
    for (const Item& item : items)
        across[index(item.layer)] += static_cast<int>(item.above.size());
    std::vector<int> folds;
    double y = 0.0;
    int best = -1;
    for (std::size_t layer = 1; layer < layers.size(); ++layer) {
        y += heights[layer - 1] + kLayerGap;
        const double wanted = whole * static_cast<double>(folds.size() + 1) / columns;
        const double room = whole / columns * 0.2;
        if (static_cast<int>(folds.size()) + 1 >= columns || y < wanted - room)
            continue;
        const auto here = static_cast<int>(layer);
        if (best < 0 || across[layer] < across[index(best)])
            best = here;
        if (y < wanted && layer + 1 < layers.size())
            continue;
        if (across[index(best)] > kMostAcross)
            return {};
        folds.push_back(best);
        best = -1;
    }
    return folds;
}

void LayeredDrawing::stack()
{
    std::vector<double> heights;
    for (const std::vector<int>& layer : layers) {
        double most = 0.0;
        for (const int item : layer)
            most = std::max(most, items[index(item)].height);
        heights.push_back(most);
    }
    for (const Item& item : items)
        m_columnWidth = std::max(m_columnWidth, item.x + item.width / 2);
    const std::vector<int> folds = chooseFolds(heights);
    const double top = folds.empty() ? 0.0 : kLayerGap; // room for the edges that go round
    std::vector<double> tops;
    std::vector<int> columns;
    double y = top;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (m_bottoms.size() < folds.size() && folds[m_bottoms.size()] == static_cast<int>(layer)) {
            m_bottoms.push_back(y - kLayerGap);
            y = top;
        }
        columns.push_back(static_cast<int>(m_bottoms.size()));
        tops.push_back(y);
        y += heights[layer] + kLayerGap;
        height = std::max(height, y - kLayerGap);
    }
    m_bottoms.push_back(y - kLayerGap);
    height += folds.empty() ? 0.0 : kLayerGap;
    for (Item& item : items) {
        item.column = columns[index(item.layer)];
        item.layerHeight = heights[index(item.layer)];
        item.x += item.column * (m_columnWidth + kColumnGap);
        item.y = tops[index(item.layer)];
        if (item.node >= 0) // boxes stand in the middle of their layer
            item.y += (item.layerHeight - item.height) / 2;
    }
    width = m_columnWidth * static_cast<double>(m_bottoms.size()) +
            kColumnGap * static_cast<double>(m_bottoms.size() - 1);
}

/// Below the column, up between the two, and into the next from above.
void LayeredDrawing::goRound(std::vector<QPointF>& points, const Item& from, const Item& to) const
{
    if (from.column == to.column)
        return;
    const double share = from.x / std::max(1.0, m_columnWidth * static_cast<double>(m_bottoms.size()));
    const double x = to.column * (m_columnWidth + kColumnGap) - kColumnGap / 2 + (share - 0.5) * 16.0;
    points.emplace_back(x, m_bottoms[index(from.column)] + kLayerGap * 0.6);
    points.emplace_back(x, kLayerGap * 0.3);
}

/// Where an edge leaves a box: its edges are spread in the order of where they go.
double LayeredDrawing::attachment(int item, int other, bool isBelow) const
{
    const Item& box = items[index(item)];
    const std::vector<int>& others = isBelow ? box.below : box.above;
    if (box.node < 0 || others.size() < 2)
        return box.x;
    constexpr double kSpread = 14.0;
    constexpr double kUsable = 0.6;
    const auto count = static_cast<double>(others.size());
    const double step = std::min(kSpread, kUsable * box.width / (count - 1));
    double before = 0.0;
    const double x = items[index(other)].x;
    for (const int neighbour : others) {
        const double place = items[index(neighbour)].x;
        before += place < x || (place == x && neighbour < other) ? 1.0 : 0.0;
    }
    return box.x + (before - (count - 1) / 2) * step;
}

std::vector<QPointF> LayeredDrawing::route(const std::vector<int>& chain) const
{
    const Item& first = items[index(chain.front())];
    const Item& last = items[index(chain.back())];
    std::vector<QPointF> points;
    points.emplace_back(attachment(chain.front(), chain[1], true), first.y + first.height);
    for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
        const Item& bend = items[index(chain[i])];
        goRound(points, items[index(chain[i - 1])], bend);
        points.emplace_back(bend.x, bend.y);
        if (bend.layerHeight > 0.0)
            points.emplace_back(bend.x, bend.y + bend.layerHeight);
    }
    goRound(points, items[index(chain[chain.size() - 2])], last);
    points.emplace_back(attachment(chain.back(), chain[chain.size() - 2], false), last.y);
    return points;
}

} // namespace wr::app
