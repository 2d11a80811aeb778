// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/file_rows.h"

#include "engine/train/npy_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace wr::train {
namespace {

/// Where the rows of a file lie, and as what.
struct RowLayout {
    DType element = DType::UInt8;
    bool isSwapped = false;
    std::uint64_t begin = 0; ///< of the first row
    Shape shape;
};

template <typename T>
void convert(std::span<const std::byte> bytes, std::span<float> into)
{
    for (std::size_t i = 0; i < into.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        into[i] = static_cast<float>(value);
    }
}

class FileRows final : public RowSource {
public:
    FileRows(std::unique_ptr<File> file, std::string path, RowLayout layout)
        : m_file(std::move(file)), m_path(std::move(path)), m_layout(std::move(layout)),
          m_rowElements(static_cast<std::size_t>(*m_layout.shape.elementCount() / m_layout.shape.dim(0)))
    {
    }

    const Shape& shape() const override { return m_layout.shape; }
    DType dtype() const override { return m_layout.element == DType::UInt8 ? DType::UInt8 : DType::Float32; }
    const std::string& name() const override { return m_path; }

    Status read(std::int64_t row, std::span<float> into) const override
    {
        const std::size_t elementBytes = dtypeSize(m_layout.element);
        std::vector<std::byte> bytes(m_rowElements * elementBytes);
        const std::uint64_t place = m_layout.begin + static_cast<std::uint64_t>(row) * bytes.size();
        WR_ASSIGN_OR_RETURN(const std::size_t count, m_file->read(place, bytes));
        if (count != bytes.size())
            return dataLoss(m_path + ": it ends before example " + std::to_string(row) +
                            "; it has become shorter since it was opened");
        if (m_layout.isSwapped) {
            for (auto at = bytes.begin(); at != bytes.end(); at += static_cast<std::ptrdiff_t>(elementBytes))
                std::reverse(at, at + static_cast<std::ptrdiff_t>(elementBytes));
        }
        convertAll(bytes, into);
        return {};
    }

private:
    void convertAll(std::span<const std::byte> bytes, std::span<float> into) const
    {
        switch (m_layout.element) {
        case DType::UInt8:
            for (std::size_t i = 0; i < into.size(); ++i)
                into[i] = static_cast<float>(bytes[i]) / 255.0F;
            break;
        case DType::Float64:
            return convert<double>(bytes, into);
        case DType::Int8:
            return convert<std::int8_t>(bytes, into);
        case DType::Int16:
            return convert<std::int16_t>(bytes, into);
        case DType::UInt16:
            return convert<std::uint16_t>(bytes, into);
        case DType::Int32:
            return convert<std::int32_t>(bytes, into);
        case DType::UInt32:
            return convert<std::uint32_t>(bytes, into);
        case DType::Int64:
            return convert<std::int64_t>(bytes, into);
        case DType::UInt64:
            return convert<std::uint64_t>(bytes, into);
        default:
            std::memcpy(into.data(), bytes.data(), bytes.size()); // float32
        }
    }

    std::unique_ptr<File> m_file; ///< read() may run concurrently
    std::string m_path;
    RowLayout m_layout;
    std::size_t m_rowElements;
};

class ChosenRows final : public RowSource {
public:
    ChosenRows(std::shared_ptr<const RowSource> all, std::vector<std::int64_t> chosen)
        : m_all(std::move(all)), m_chosen(std::move(chosen))
    {
        std::vector<std::int64_t> dims = m_all->shape().dims();
        dims[0] = static_cast<std::int64_t>(m_chosen.size());
        m_shape = Shape(dims);
    }
    const Shape& shape() const override { return m_shape; }
    DType dtype() const override { return m_all->dtype(); }
    const std::string& name() const override { return m_all->name(); }
    Status read(std::int64_t row, std::span<float> into) const override
    {
        return m_all->read(m_chosen[static_cast<std::size_t>(row)], into);
    }

private:
    std::shared_ptr<const RowSource> m_all;
    std::vector<std::int64_t> m_chosen;
    Shape m_shape;
};

Status checkRows(const RowSource& rows, const Progress& progress)
{
    const std::int64_t count = rows.shape().dim(0);
    std::vector<float> row(static_cast<std::size_t>(*rows.shape().elementCount() / count));
    for (std::int64_t i = 0; i < count; ++i) {
        WR_RETURN_IF_ERROR(rows.read(i, row));
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (!std::isfinite(row[k]))
                return invalidArgument(rows.name() + ": example " + std::to_string(i) + ", feature " +
                                       std::to_string(k) + ": " +
                                       (std::isnan(row[k]) ? "NaN" : "infinite, or too large for float32") +
                                       "; no training can go on from there");
        }
        if (progress && i % 256 == 0 &&
            !progress(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(count)))
            return cancelled("reading " + rows.name() + " was cancelled");
    }
    return {};
}

} // namespace

Result<std::shared_ptr<const RowSource>> openIdxRows(Vfs& vfs, const std::string& path, std::uint64_t limit)
{
    const std::shared_ptr<const RowSource> none;
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    std::array<std::byte, 16> head{};
    if (size <= std::max<std::uint64_t>(limit, head.size()))
        return none;
    WR_ASSIGN_OR_RETURN(const std::size_t read, file->read(0, head));
    static constexpr std::array<std::byte, 4> kMagic{std::byte{0}, std::byte{0}, std::byte{8}, std::byte{3}};
    if (read != head.size() || !std::equal(kMagic.begin(), kMagic.end(), head.begin()))
        return none;
    std::vector<std::int64_t> dims;
    std::uint64_t total = 1;
    bool isTooLarge = false;
    for (std::size_t at = 4; at < head.size(); at += 4) {
        std::uint64_t dim = 0;
        for (std::size_t i = 0; i < 4; ++i)
            dim = dim << 8U | static_cast<std::uint64_t>(head[at + i]);
        isTooLarge = __builtin_mul_overflow(total, dim, &total) || isTooLarge;
        dims.push_back(static_cast<std::int64_t>(dim));
    }
    if (isTooLarge || total != size - head.size())
        return none;
    return std::shared_ptr<const RowSource>(std::make_shared<FileRows>(
        std::move(file), path, RowLayout{DType::UInt8, false, head.size(), Shape(dims)}));
}

Result<std::shared_ptr<const RowSource>> openNpyRows(Vfs& vfs, const std::string& path, std::uint64_t limit,
                                                     const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream, openStream(vfs, path));
    if (stream->size() <= limit)
        return std::shared_ptr<const RowSource>();
    std::uint64_t begin = 0;
    WR_ASSIGN_OR_RETURN(const NpyHeader header, readNpyHeader(*stream, path, begin));
    if (header.shape.rank() < 1 || header.shape.elementCount() == 0)
        return std::shared_ptr<const RowSource>();
    if (header.isFortran && header.shape.rank() > 1)
        return fail(StatusCode::Unimplemented,
                    path + ": it is too large to be held, and stored column by column, so that no row can be "
                           "read alone; save it with numpy.ascontiguousarray(…)");
    if (header.dtype == DType::Bool || header.dtype == DType::Float16)
        return fail(StatusCode::Unimplemented, path + ": it is too large to be held, and elements of " +
                                                   std::string(dtypeName(header.dtype)) +
                                                   " are not read row by row; save it as float32");
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    auto rows = std::make_shared<FileRows>(std::move(file), path,
                                           RowLayout{header.dtype, header.isSwapped, begin, header.shape});
    if (isFloating(header.dtype))
        WR_RETURN_IF_ERROR(checkRows(*rows, progress));
    return std::shared_ptr<const RowSource>(std::move(rows));
}

std::shared_ptr<const RowSource> chooseRows(std::shared_ptr<const RowSource> all,
                                            std::vector<std::int64_t> chosen)
{
    return std::make_shared<ChosenRows>(std::move(all), std::move(chosen));
}

} // namespace wr::train
