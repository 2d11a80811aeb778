// SPDX-License-Identifier: GPL-3.0-or-later
// How a matrix is cut into tiles: panels of columns from left to right, in each of them blocks of rows. A
// product, the gradient of the same shape and the update that reads it are cut alike, and a team gives each
// thread the same part of the tiles every time: so a core finds its part of a weight in its own cache.
// Follows from shapes alone. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace wr::backend {

struct TileGrid {
    std::int64_t rows = 1; ///< of the matrix
    std::int64_t columns = 1;
    std::int64_t tileRows = 1;
    std::int64_t tileColumns = 1;
    std::int64_t rowTiles = 1;
    std::int64_t columnTiles = 1;

    struct Tile {
        std::int64_t row;
        std::int64_t column;
        std::int64_t rows;
        std::int64_t columns;
    };

    /// Tiles of about `tileRows` rows and of `tileColumns` columns; the blocks of rows are nearly equal.
    static TileGrid of(std::int64_t rows, std::int64_t columns, std::int64_t tileRows,
                       std::int64_t tileColumns)
    {
        TileGrid grid;
        grid.rows = rows;
        grid.columns = columns;
        grid.tileColumns = std::max<std::int64_t>(tileColumns, 1);
        grid.columnTiles = tilesOver(columns, grid.tileColumns);
        grid.rowTiles = tilesOver(rows, std::max<std::int64_t>(tileRows, 1));
        grid.tileRows = std::max<std::int64_t>((rows + grid.rowTiles - 1) / grid.rowTiles, 1);
        grid.rowTiles = tilesOver(rows, grid.tileRows);
        return grid;
    }

    std::int64_t count() const { return rowTiles * columnTiles; }

    Tile at(std::int64_t index) const
    {
        const std::int64_t row = index % rowTiles * tileRows;
        const std::int64_t column = index / rowTiles * tileColumns;
        return {row, column, std::min(tileRows, rows - row), std::min(tileColumns, columns - column)};
    }

    static std::int64_t tilesOver(std::int64_t length, std::int64_t size)
    {
        return std::max<std::int64_t>((length + size - 1) / size, 1);
    }
};

} // namespace wr::backend
