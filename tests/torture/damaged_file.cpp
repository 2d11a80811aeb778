// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/damaged_file.h"

#include "engine/checkpoint/damage_map.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace wr::torture {
namespace {

using Kind = checkpoint::ScannedFrame::Kind;

constexpr const char* kPath = "/file/one.wrck";

Tensor doubles(Random& random, std::int64_t elements)
{
    Tensor tensor = *Tensor::create(DType::Float64, Shape{elements});
    for (std::int64_t i = 0; i < elements; ++i)
        tensor.data<double>()[i] = (static_cast<double>(random() >> 11U) / 9007199254740992.0 - 0.5) * 0.1;
    return tensor;
}

bool covers(const checkpoint::DamagePlace& place, std::uint64_t at)
{
    return place.offset <= at && at < place.offset + place.size;
}

} // namespace

DamagedFile::DamagedFile(std::uint64_t seed)
{
    Random random(seed);
    // Eight planes each, which are frames of 32 KiB: many parts, so that flips in several can be looked at
    // together.
    for (const char* const name :
         {"conv1/kernel", "conv2/kernel", "conv3/kernel", "dense/kernel", "dense/kernel/Adam"})
        m_tensors.push_back({name, doubles(random, 32768)});
    m_tensors.push_back({"conv1/bias", doubles(random, 800)});
    m_tensors.push_back({"dense/bias", doubles(random, 1100)});
    m_tensors.push_back({"global_step", Tensor::scalar<std::int64_t>(12345)});
    ModelDisk disk;
    static_cast<void>(checkpoint::saveCheckpoint(disk, kPath, m_tensors, {{"step", "12345"}}, {}));
    m_whole = *disk.fileAt(kPath);
    m_bytes = std::make_shared<Bytes>(m_whole);
    m_disk.put(kPath, m_bytes);
    const checkpoint::FileSurvey survey = *checkpoint::surveyFile(m_disk, kPath, {});
    m_parts = survey.scan.frames;
    for (const auto& range : survey.content) {
        std::vector<std::string> names;
        for (const std::size_t tensor : survey.reader->tensorsIn(range->begin, range->end)) {
            if (range->end > range->begin)
                names.push_back(survey.reader->tensors()[tensor].spec.name);
        }
        m_touched.push_back(std::move(names));
    }
}

DamagedFile::DamagedFile(const DamagedFile& other)
    : m_tensors(other.m_tensors), m_whole(other.m_whole), m_bytes(std::make_shared<Bytes>(other.m_whole)),
      m_parts(other.m_parts), m_touched(other.m_touched)
{
    m_disk.put(kPath, m_bytes);
}

std::size_t DamagedFile::partOf(std::uint64_t at) const
{
    for (std::size_t i = 0; i < parts().size(); ++i) {
        if (at < parts()[i].fileOffset + parts()[i].fileSize)
            return i;
    }
    return parts().size();
}

std::string DamagedFile::partName(std::size_t part) const
{
    if (part == 0)
        return "header";
    return parts()[part].kind == Kind::Index   ? "index"
           : parts()[part].kind == Kind::Table ? "table"
                                               : "frame " + std::to_string(part);
}

void DamagedFile::cut(std::uint64_t size)
{
    const std::size_t had = m_bytes->size();
    m_bytes->resize(size);
    if (size > had)
        std::copy(m_whole.begin() + static_cast<std::ptrdiff_t>(had),
                  m_whole.begin() + static_cast<std::ptrdiff_t>(size),
                  m_bytes->begin() + static_cast<std::ptrdiff_t>(had));
}

std::string DamagedFile::unseen(const std::vector<std::uint64_t>& bits)
{
    const auto map = checkpoint::verifyFile(m_disk, kPath);
    if (!map)
        return map.error().toString();
    std::set<std::string> expected;
    for (const std::uint64_t bit : bits) {
        const std::size_t part = partOf(bit / 8);
        const auto place = std::find_if(map->places.begin(), map->places.end(),
                                        [bit](const auto& one) { return covers(one, bit / 8); });
        if (place == map->places.end())
            return "bit " + std::to_string(bit) + ", " + partName(part) + ": " +
                   (map->places.empty() ? std::string("not noticed")
                                        : "not where it is said to be: " + map->places.front().what);
        const bool isRight = parts()[part].kind == Kind::Index ? place->kind == checkpoint::DamageKind::Index
                             : parts()[part].kind == Kind::Table
                                 ? place->kind == checkpoint::DamageKind::Table
                                 : place->frame == static_cast<std::int64_t>(part);
        if (!isRight)
            return "bit " + std::to_string(bit) + ", " + partName(part) + ": taken for damage of " +
                   std::string(damageKindName(place->kind));
        // A bit on which no value depends costs none.
        if (place->kind == checkpoint::DamageKind::Frame)
            expected.insert(m_touched[part].begin(), m_touched[part].end());
    }
    if (std::vector<std::string>(expected.begin(), expected.end()) != map->lost) {
        std::string names;
        for (const std::string& name : map->lost)
            names += " " + name;
        return "bit " + std::to_string(bits.front()) + ", " + partName(partOf(bits.front() / 8)) +
               ": other tensors are said to be lost:" + names;
    }
    return {};
}

std::string DamagedFile::unseenCut()
{
    const std::string where =
        "cut at " + std::to_string(m_bytes->size()) + " of " + std::to_string(m_whole.size());
    const auto map = checkpoint::verifyFile(m_disk, kPath);
    if (!map)
        return map.error().message().empty() ? where + ": refused without a word" : std::string();
    if (map->isWhole())
        return where + ": taken for whole";
    // Every tensor of which a part was cut off is named.
    for (std::size_t part = 1; part < parts().size(); ++part) {
        if (parts()[part].fileOffset + parts()[part].fileSize <= m_bytes->size() || map->tensors == 0)
            continue;
        for (const std::string& name : m_touched[part]) {
            if (!std::binary_search(map->lost.begin(), map->lost.end(), name))
                return where + ": " + name + " is not said to be lost";
        }
    }
    return {};
}

std::string DamagedFile::wrongValues()
{
    const auto reader = checkpoint::openCheckpoint(m_disk, kPath);
    if (!reader)
        return {};
    for (const NamedTensor& tensor : m_tensors) {
        const std::ptrdiff_t index = (*reader)->find(tensor.name);
        if (index < 0)
            return tensor.name + ": opened without it";
        const Result<Tensor> read = (*reader)->read(static_cast<std::size_t>(index));
        if (read && std::memcmp(read->bytes().data(), tensor.tensor.bytes().data(), read->byteSize()) != 0)
            return tensor.name + ": read with wrong values";
    }
    return {};
}

bool DamagedFile::looksWhole()
{
    const auto reader = checkpoint::openCheckpoint(m_disk, kPath);
    return reader && (*reader)->warnings().empty();
}

} // namespace wr::torture
