// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/fuzz/fuzz_seeds.h"

#include "engine/base/little_endian.h"
#include "tests/torture/fuzz/fuzz_input.h"
#include "tests/torture/sample_model.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace wr::torture {
namespace {

using checkpoint::Profile;

constexpr std::size_t kUuidDigits = 32;

std::shared_ptr<const Bytes> saved(ModelDisk& disk, const char* path, const std::vector<NamedTensor>& tensors,
                                   const checkpoint::SaveOptions& options)
{
    const auto report = checkpoint::saveCheckpoint(disk, path, tensors, {{"step", "7"}}, options);
    require(report.has_value(), "a seed cannot be saved");
    return disk.fileAt(path);
}

void replaceAll(Bytes& bytes, const std::string& old, char digit)
{
    const auto from = std::as_bytes(std::span(old));
    for (auto at = bytes.begin();;) {
        at = std::search(at, bytes.end(), from.begin(), from.end());
        if (at == bytes.end())
            return;
        at = std::fill_n(at, kUuidDigits, static_cast<std::byte>(digit));
    }
}

std::vector<NamedTensor> values()
{
    Random random(5);
    std::vector<NamedTensor> tensors = sampleTensors(random, 1300);
    tensors.push_back({"w", Tensor::of<float>({1, 2, 3, -4, 0.5F, -0.25F, 1e-9F, 7}, Shape{8})});
    tensors.push_back({"empty", *Tensor::zeros(DType::Float16, Shape{0, 3})});
    tensors.push_back({"quote\"\\::wr1:bp", Tensor::scalar<std::int64_t>(-3)});
    return tensors;
}

/// As packedFile() takes it.
Bytes content(const std::string& json, std::size_t data)
{
    Bytes bytes(8 + json.size() + data);
    storeLittle(bytes.data(), static_cast<std::uint32_t>(json.size()));
    std::ranges::copy(std::as_bytes(std::span(json)), bytes.begin() + 4);
    storeLittle(bytes.data() + 4 + json.size(), static_cast<std::uint32_t>(data));
    for (std::size_t i = 0; i < data; ++i)
        bytes[8 + json.size() + i] = static_cast<std::byte>(i * 37);
    return bytes;
}

std::string metadataOf(const std::string& more)
{
    return R"({"__metadata__":{"format":"wr1","wr.version":"1","wr.uuid":"00000000000000000000000000000000",)"
           R"("wr.orig_metadata":"{}")" +
           more + "}";
}

void write(const std::string& folder, const char* target, const std::string& name, Input bytes)
{
    const std::filesystem::path into = std::filesystem::path(folder) / target;
    std::filesystem::create_directories(into);
    std::ofstream(into / (name + ".bin"), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Input jsonOf(const Bytes& input)
{
    return Input(input).subspan(4, loadLittle<std::uint32_t>(input.data()));
}

} // namespace

DeltaSeed deltaSeed()
{
    ModelDisk disk;
    const std::vector<NamedTensor> first = values();
    Bytes base = fileInput(*saved(disk, "/f/base.wrck", first, {}));
    checkpoint::SaveOptions options;
    options.base = *checkpoint::openCheckpoint(disk, "/f/base.wrck");
    Random random(6);
    Bytes delta = fileInput(*saved(disk, "/f/delta.wrck", stepped(first, random), options));
    const std::string identity = options.base->uuid();
    replaceAll(base, identity, '1');
    replaceAll(delta, identity, '1');
    replaceAll(delta, (*checkpoint::openCheckpoint(disk, "/f/delta.wrck"))->uuid(), '0');
    // Without an index, which would name another identity.
    const std::size_t json = jsonOf(base).size();
    base.resize(8 + json + loadLittle<std::uint32_t>(base.data() + 4 + json));
    return {std::make_shared<Bytes>(packedFile(base)), std::make_shared<Bytes>(packedFile(delta))};
}

int writeSeeds(const std::string& folder)
{
    ModelDisk disk;
    constexpr std::pair<Profile, const char*> kProfiles[] = {
        {Profile::Compact, "compact"}, {Profile::Plain, "plain"}, {Profile::Stored, "stored"}};
    for (const auto& [profile, name] : kProfiles) {
        checkpoint::SaveOptions options;
        options.profile = profile;
        options.replace = true;
        const Bytes file = *saved(disk, "/f/a.wrck", values(), options);
        const Bytes input = fileInput(file);
        const Input json = jsonOf(input);
        write(folder, "fuzz_file", name, file);
        write(folder, "fuzz_content", name, input);
        write(folder, "fuzz_header", name, json);
        write(folder, "fuzz_index", name,
              Input(input).subspan(8 + json.size() +
                                   loadLittle<std::uint32_t>(input.data() + 4 + json.size())));
        write(folder, "fuzz_seek_table", name, file);
    }
    const DeltaSeed delta = deltaSeed();
    disk.put("/g/base.wrck", delta.base);
    disk.put("/g/a.wrck", delta.delta);
    Random random(6);
    const std::string difference = differenceOf(disk, "/g/a.wrck", stepped(values(), random));
    require(difference.empty(), difference.c_str());
    write(folder, "fuzz_delta", "whole", *delta.delta);
    write(folder, "fuzz_delta", "signed", fileInput(*delta.delta));
    const std::string one = R"(,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    write(folder, "fuzz_content", "two_planes",
          content(metadataOf("") +
                      R"(,"a::wr1:bp:F32:2x4":{"dtype":"U8","shape":[32],"data_offsets":[0,32]},)"
                      R"("b::wr1:rbp:BF16:5":{"dtype":"U8","shape":[10],"data_offsets":[32,42]}})",
                  42));
    write(folder, "fuzz_content", "no_metadata", content("{" + one.substr(1), 8));
    write(folder, "fuzz_content", "short", content(metadataOf("") + one, 7));
    write(folder, "fuzz_delta", "difference",
          content(metadataOf(R"(,"wr.base_uuid":"11111111111111111111111111111111","wr.base_digest":")" +
                             std::string(kUuidDigits, '0') + R"(","wr.base_hint":"base.wrck")") +
                      R"(,"w::wr1:isub:F32:8":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}})",
                  32));
    const std::string headers[] = {
        "{" + one.substr(1), "{}",
        R"({"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"__metadata__":{}})",
        R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
        R"({"\u00e4\ud83d\ude00":{"shape":[0],"data_offsets":[0,0],"dtype":"BOOL"}})"};
    for (std::size_t i = 0; i < std::size(headers); ++i)
        write(folder, "fuzz_header", "written" + std::to_string(i), std::as_bytes(std::span(headers[i])));
    return 0;
}

} // namespace wr::torture
