// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/hdf5/child/file_walk.h"

#include "engine/formats/hdf5/child_messages.h"

#include <algorithm>
#include <set>

namespace wr::formats::hdf5 {
namespace {

constexpr std::size_t kLongestName = 4096;
constexpr std::size_t kMostObjects = 400'000;
constexpr std::size_t kMostDepth = 64;
constexpr std::size_t kMostWarnings = 50;
constexpr int kMostRank = 32;

struct Link {
    std::string name;
    H5L_type_t type = H5L_TYPE_ERROR;
};

herr_t takeLink(hid_t /*group*/, const char* name, const H5L_info_t* info, void* to)
{
    auto& links = *static_cast<std::vector<Link>*>(to);
    if (links.size() == kMostObjects)
        return -1;
    links.push_back({name, info->type});
    return 0;
}

class Walk {
public:
    explicit Walk(hid_t file) : m_file(file) {}

    Walked run()
    {
        readAttributes();
        m_todo.push_back({H5Gopen2(m_file, "/", H5P_DEFAULT), "", 0});
        while (!m_todo.empty()) {
            const Group group = m_todo.back();
            m_todo.pop_back();
            if (group.id >= 0)
                visit(group);
            H5Gclose(group.id);
        }
        return std::move(m_walked);
    }

private:
    struct Group {
        hid_t id = -1;
        std::string path;
        std::size_t depth = 0;
    };

    static void add(std::vector<std::string>& to, const std::string& text)
    {
        if (to.size() < kMostWarnings)
            to.push_back(text);
    }

    void visit(const Group& group)
    {
        H5O_info_t info = {};
        if (H5Oget_info(group.id, &info) < 0 || !m_seen.insert(info.addr).second)
            return; // groups may run in circles
        std::vector<Link> links;
        hsize_t index = 0;
        if (H5Literate(group.id, H5_INDEX_NAME, H5_ITER_NATIVE, &index, takeLink, &links) < 0)
            add(m_walked.losses, group.path + ": what is in this group cannot be read");
        for (const Link& link : links) {
            const std::string path = group.path.empty() ? link.name : group.path + "/" + link.name;
            if (path.size() > kLongestName || ++m_objects > kMostObjects)
                return add(m_walked.warnings, "it holds more than any real file; the rest is left out");
            if (link.type == H5L_TYPE_EXTERNAL)
                add(m_walked.warnings, path + ": a link into another file, which is not followed");
            if (link.type == H5L_TYPE_HARD)
                open(group, link.name, path);
        }
    }

    void open(const Group& group, const std::string& name, const std::string& path)
    {
        const hid_t object = H5Oopen(group.id, name.c_str(), H5P_DEFAULT);
        if (object < 0)
            return add(m_walked.losses, path + ": it cannot be read");
        const H5I_type_t type = H5Iget_type(object);
        if (type == H5I_GROUP && group.depth < kMostDepth) {
            m_todo.push_back({object, path, group.depth + 1});
            return;
        }
        if (type != H5I_DATASET || !addDataset(object, path))
            H5Oclose(object);
    }

    bool addDataset(hid_t id, const std::string& path)
    {
        Dataset dataset;
        dataset.name = path;
        dataset.id = id;
        if (const char* const problem = refusal(id); problem != nullptr) {
            add(m_walked.warnings, path + ": " + problem);
            return false;
        }
        if (!setType(dataset)) {
            add(m_walked.warnings, path + ": its type is not read");
            return false;
        }
        const hid_t space = H5Dget_space(id);
        const int rank = H5Sget_simple_extent_ndims(space);
        if (rank < 0 || rank > kMostRank || H5Sget_simple_extent_type(space) == H5S_NULL) {
            add(m_walked.warnings, path + ": its shape is not read");
            return false;
        }
        dataset.dims.resize(static_cast<std::size_t>(rank));
        H5Sget_simple_extent_dims(space, dataset.dims.data(), nullptr);
        H5Sclose(space);
        dataset.storedBytes = H5Dget_storage_size(id);
        std::uint64_t bytes = dtypeBytes(dataset.dtype);
        for (const hsize_t dim : dataset.dims) {
            if (__builtin_mul_overflow(bytes, dim, &bytes))
                bytes = UINT64_MAX;
        }
        if (bytes / kBestPacking > dataset.storedBytes) {
            add(m_walked.losses, path + ": it declares more values than are stored");
            return false;
        }
        if (m_walked.datasets.size() == kMostTensors)
            return false;
        m_walked.datasets.push_back(std::move(dataset));
        return true;
    }

    /// Why it is not opened; nullptr when it may be.
    static const char* refusal(hid_t id)
    {
        const hid_t properties = H5Dget_create_plist(id);
        const char* problem = nullptr;
        if (properties < 0)
            return "it cannot be read";
        if (H5Pget_external_count(properties) != 0)
            problem = "its values lie in another file, which is not opened";
        else if (H5Pget_layout(properties) == H5D_VIRTUAL)
            problem = "it is put together from other datasets, which is not read";
        const int filters = H5Pget_nfilters(properties);
        for (int i = 0; problem == nullptr && i < filters; ++i) {
            std::size_t values = 0;
            unsigned flags = 0;
            const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values,
                                                       nullptr, 0, nullptr, nullptr);
            if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
                filter != H5Z_FILTER_FLETCHER32)
                problem = "it is packed by a filter that is not read";
        }
        H5Pclose(properties);
        return problem;
    }

    static std::size_t dtypeBytes(DType dtype)
    {
        switch (dtype) {
        case DType::Float64:
        case DType::Int64:
        case DType::UInt64:
            return 8;
        case DType::Float32:
        case DType::Int32:
        case DType::UInt32:
            return 4;
        case DType::Float16:
        case DType::BFloat16:
        case DType::Int16:
        case DType::UInt16:
            return 2;
        default:
            return 1;
        }
    }

    static DType wholeNumber(std::size_t size, bool isSigned)
    {
        switch (size) {
        case 1:
            return isSigned ? DType::Int8 : DType::UInt8;
        case 2:
            return isSigned ? DType::Int16 : DType::UInt16;
        case 4:
            return isSigned ? DType::Int32 : DType::UInt32;
        case 8:
            return isSigned ? DType::Int64 : DType::UInt64;
        default:
            return DType::Invalid;
        }
    }

    static DType realNumber(hid_t type, std::size_t size)
    {
        std::size_t sign = 0;
        std::size_t exponentAt = 0;
        std::size_t exponent = 0;
        std::size_t mantissaAt = 0;
        std::size_t mantissa = 0;
        if (H5Tget_fields(type, &sign, &exponentAt, &exponent, &mantissaAt, &mantissa) < 0)
            return DType::Invalid;
        if (size == 8 && exponent == 11 && mantissa == 52)
            return DType::Float64;
        if (size == 4 && exponent == 8 && mantissa == 23)
            return DType::Float32;
        if (size == 2 && exponent == 5 && mantissa == 10)
            return DType::Float16;
        return size == 2 && exponent == 8 && mantissa == 7 ? DType::BFloat16 : DType::Invalid;
    }

    /// Two names, as Python's h5py makes a bool.
    static bool isBool(hid_t type) { return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2; }

    static bool setType(Dataset& dataset)
    {
        const hid_t type = H5Dget_type(dataset.id);
        const std::size_t size = H5Tget_size(type);
        switch (H5Tget_class(type)) {
        case H5T_INTEGER:
            dataset.dtype = wholeNumber(size, H5Tget_sign(type) == H5T_SGN_2);
            break;
        case H5T_FLOAT:
            dataset.dtype = realNumber(type, size);
            break;
        case H5T_ENUM:
            dataset.dtype = isBool(type) ? DType::Bool : DType::Invalid;
            break;
        case H5T_OPAQUE: // as Keras writes bfloat16
            dataset.dtype = size == 2 ? DType::BFloat16 : DType::Invalid;
            break;
        default:
            break;
        }
        dataset.memoryType = H5Tcopy(type);
        const H5T_class_t kind = H5Tget_class(type);
        H5Tclose(type);
        if (dataset.dtype == DType::Invalid || dataset.memoryType < 0)
            return false;
        return (kind != H5T_INTEGER && kind != H5T_FLOAT) ||
               H5Tset_order(dataset.memoryType, H5T_ORDER_LE) >= 0;
    }

    /// Texts, as Keras keeps its version and the model's description.
    void readAttributes()
    {
        const hid_t root = H5Gopen2(m_file, "/", H5P_DEFAULT);
        const int count = root < 0 ? 0 : std::min(H5Aget_num_attrs(root), 100);
        for (int i = 0; i < count; ++i) {
            const hid_t attribute = H5Aopen_by_idx(root, ".", H5_INDEX_NAME, H5_ITER_INC,
                                                   static_cast<hsize_t>(i), H5P_DEFAULT, H5P_DEFAULT);
            if (attribute < 0)
                continue;
            char name[256] = {};
            H5Aget_name(attribute, sizeof(name) - 1, name);
            if (std::string value; readText(attribute, value))
                m_walked.attributes.emplace_back(name, value.substr(0, kLongestText));
            H5Aclose(attribute);
        }
        H5Gclose(root);
    }

    static bool readText(hid_t attribute, std::string& value)
    {
        const hid_t type = H5Aget_type(attribute);
        const hid_t space = H5Aget_space(attribute);
        const bool isOne = H5Sget_simple_extent_npoints(space) == 1;
        H5Sclose(space);
        bool isRead = false;
        if (isOne && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0) {
            char* text = nullptr;
            const hid_t memory = H5Tcopy(type);
            if (H5Aread(attribute, memory, static_cast<void*>(&text)) >= 0 && text != nullptr) {
                value = text;
                isRead = true;
                H5free_memory(text);
            }
            H5Tclose(memory);
        } else if (isOne && H5Tget_class(type) == H5T_STRING && H5Tget_size(type) <= kLongestText) {
            value.resize(H5Tget_size(type));
            isRead = H5Aread(attribute, type, value.data()) >= 0;
            value.resize(std::min(value.size(), value.find('\0')));
        }
        H5Tclose(type);
        return isRead;
    }

    hid_t m_file;
    std::vector<Group> m_todo;
    std::set<haddr_t> m_seen;
    std::size_t m_objects = 0;
    Walked m_walked;
};

} // namespace

Walked walk(hid_t file)
{
    return Walk(file).run();
}

bool readBytes(const Dataset& dataset, std::uint64_t at, std::uint64_t size, std::vector<char>& into)
{
    const std::uint64_t element = H5Tget_size(dataset.memoryType);
    const std::uint64_t end = (at + size + element - 1) / element;
    std::uint64_t next = at / element;
    std::vector<char> elements((end - next) * element);
    const std::size_t rank = dataset.dims.size();
    // One box of the shape after another: along one dimension, with all of those behind it.
    for (std::size_t done = 0; next < end;) {
        std::vector<hsize_t> start(rank, 0);
        std::vector<hsize_t> count(rank, 1);
        std::uint64_t rest = next;
        std::uint64_t below = 1; // elements of the dimensions behind
        for (std::size_t i = rank; i-- > 0;) {
            start[i] = rest % dataset.dims[i];
            rest /= dataset.dims[i];
        }
        std::size_t axis = rank;
        while (axis-- > 0) {
            count[axis] = std::min<std::uint64_t>(dataset.dims[axis] - start[axis],
                                                  std::max<std::uint64_t>((end - next) / below, 1));
            const bool isWhole = start[axis] == 0 && count[axis] == dataset.dims[axis];
            below *= count[axis];
            if (!isWhole)
                break;
        }
        const hid_t space = H5Dget_space(dataset.id);
        const hsize_t box = below;
        const hid_t memory = H5Screate_simple(1, &box, nullptr);
        const bool isSelected = rank == 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr,
                                                                 count.data(), nullptr) >= 0;
        const bool isRead =
            isSelected && H5Dread(dataset.id, dataset.memoryType, memory, rank == 0 ? H5S_ALL : space,
                                  H5P_DEFAULT, elements.data() + done) >= 0;
        H5Sclose(memory);
        H5Sclose(space);
        if (!isRead)
            return false;
        next += below;
        done += below * element;
    }
    const auto first = elements.begin() + static_cast<std::ptrdiff_t>(at % element);
    into.assign(first, first + static_cast<std::ptrdiff_t>(size));
    return true;
}

} // namespace wr::formats::hdf5
