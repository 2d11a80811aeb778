// SPDX-License-Identifier: GPL-3.0-or-later
// Headers that say every odd thing about types, shapes, places and names, in files whose checksums are all
// right. A count in 128 bits says which may be taken; all others must be refused, at once and in words.
#include "engine/checkpoint/tensor_header.h"
#include "tests/torture/experiment.h"
#include "tests/torture/fuzz/fuzz_input.h"

#include "engine/base/little_endian.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace wr::torture {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kData = 32; ///< bytes behind the header

struct Number {
    const char* text;
    bool isCount; ///< a plain whole number of at most 2^48
    std::uint64_t value;
};
constexpr Number kNumbers[] = {{"0", true, 0},
                               {"1", true, 1},
                               {"2", true, 2},
                               {"4", true, 4},
                               {"8", true, 8},
                               {"16", true, 16},
                               {"32", true, 32},
                               {"33", true, 33},
                               {"2147483647", true, 2147483647U},
                               {"2147483648", true, 2147483648U},
                               {"4294967296", true, 4294967296U},
                               {"281474976710656", true, 281474976710656U},
                               {"281474976710657", false, 0},
                               {"4611686018427387904", false, 0},
                               {"9223372036854775807", false, 0},
                               {"9223372036854775808", false, 0},
                               {"18446744073709551615", false, 0},
                               {"18446744073709551616", false, 0},
                               {"-1", false, 0},
                               {"1.0", false, 0},
                               {"1e1", false, 0},
                               {"\"1\"", false, 0},
                               {"null", false, 0},
                               {"[1]", false, 0}};
struct Type {
    const char* text;
    std::uint64_t size; ///< 0: none
};
constexpr Type kTypes[] = {{"\"F32\"", 4},  {"\"U8\"", 1},        {"\"F64\"", 8}, {"\"BF16\"", 2},
                           {"\"BOOL\"", 1}, {"\"f32\"", 0},       {"\"F4\"", 0},  {"\"\"", 0},
                           {"4", 0},        {"\"F32\\u0000\"", 0}};

Bytes fileOf(const std::string& json)
{
    Bytes input(8 + json.size() + kData);
    storeLittle(input.data(), static_cast<std::uint32_t>(json.size()));
    std::ranges::copy(std::as_bytes(std::span(json)), input.begin() + 4);
    storeLittle(input.data() + 4 + json.size(), static_cast<std::uint32_t>(kData));
    std::fill(input.end() - kData, input.end(), std::byte{1}); // a Bool, too
    return packedFile(input);
}

/// Why the file is not treated as it should be.
std::string misjudged(const std::string& json, bool isRight)
{
    ModelDisk disk;
    disk.put("/f/a.wrck", std::make_shared<Bytes>(fileOf(json)));
    const auto started = std::chrono::steady_clock::now();
    const auto reader = checkpoint::openCheckpoint(disk, "/f/a.wrck");
    std::string cause;
    if (reader.has_value() != isRight)
        cause = isRight ? "refused: " + reader.error().message() : std::string("taken");
    else if (!reader && reader.error().message().find("/f/a.wrck") == std::string::npos)
        cause = "the file is not named: " + reader.error().message();
    if (reader) {
        for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i) {
            if (const auto tensor = (*reader)->read(i); !tensor && cause.empty())
                cause = "taken and not read: " + tensor.error().message();
        }
    }
    constexpr double kPatience = 1.0; // a machine may be busy; what is meant is a hundredth of it
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() > kPatience)
        cause = "it takes longer than a second";
    return cause.empty() ? cause : json + ": " + cause;
}

} // namespace

void hostileHeaders(const Options& options, Tally& tally)
{
    Random random(options.seed);
    std::uint64_t taken = 0;
    const std::uint64_t sparse = options.pick(20, 1);
    for (const Type& type : kTypes) {
        for (const Number& first : kNumbers) {
            for (const Number& second : kNumbers) {
                for (const Number& begin : {kNumbers[0], kNumbers[1], kNumbers[12], kNumbers[18]}) {
                    for (const Number& end : kNumbers) {
                        const Wide bytes = Wide{first.value} * second.value * type.size;
                        const bool isRight = type.size != 0 && first.isCount && second.isCount &&
                                             begin.isCount && end.isCount && begin.value == 0 &&
                                             end.value == kData && bytes == kData;
                        // Those that are right are few, and none of them is left out.
                        if (!isRight && below(random, sparse) != 0)
                            continue;
                        taken += isRight ? 1 : 0;
                        const std::string json = std::string(R"({"a":{"dtype":)") + type.text +
                                                 ",\"shape\":[" + first.text + "," + second.text +
                                                 "],\"data_offsets\":[" + begin.text + "," + end.text + "]}}";
                        tally.count(misjudged(json, isRight));
                    }
                }
            }
        }
    }
    // A name that says what lies beneath it has to be right in all its parts.
    const std::string wr1 =
        R"({"__metadata__":{"format":"wr1","wr.version":"1","wr.uuid":"00000000000000000000000000000000",)"
        R"("wr.orig_metadata":"{}"},"a)";
    constexpr std::pair<const char*, bool> kNames[] = {{"::wr1:bp:F32:8", true},
                                                       {"::wr1:bp:F32:2x4", true},
                                                       {"::wr1:bp:F64:4", true},
                                                       {"::wr1:rbp:BF16:16", true},
                                                       {"::wr1:bp:F32:9", false},
                                                       {"::wr1:bp:F32:7", false},
                                                       {"::wr1:bp:F32:-8", false},
                                                       {"::wr1:bp:F32:2x", false},
                                                       {"::wr1:bp:F32:x8", false},
                                                       {"::wr1:bp:F32:", false},
                                                       {"::wr1:bp:F32", false},
                                                       {"::wr1:zz:F32:8", false},
                                                       {"::wr1:bp:F4:8", false},
                                                       {"::wr1:bp:F32:8 ", false},

                                                       {"::wr1:rbp:F32:8", false},
                                                       {"::wr1:isub:F32:8", false},
                                                       {"::wr1:same:F32:8", false},
                                                       {"::wr1:bp:F32:99999999999999999999x8", false},
                                                       {"::wr1:bp:F32:4294967296x4294967298", false},
                                                       {"::wr1:", false},
                                                       {"::wr1::::", false},
                                                       {"::wr1:bp:F32:8::wr1:bp:F32:8", false}};
    for (const auto& [name, isRight] : kNames)
        tally.count(
            misjudged(wr1 + name + R"(":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}})", isRight));
    tally.note(std::to_string(taken) + " combinations are right and were taken, all others refused");
}

} // namespace wr::torture
