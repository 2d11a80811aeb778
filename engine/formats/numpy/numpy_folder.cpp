// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/numpy/numpy_folder.h"

#include "engine/formats/joined_reader.h"
#include "engine/formats/metadata_json.h"
#include "engine/formats/numpy/numpy_reader.h"
#include "engine/formats/numpy/numpy_writer.h"

#include <algorithm>

namespace wr::formats {

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
openNumpyFolder(Vfs& vfs, const std::string& folder, const std::vector<std::string>& names)
{
    constexpr std::uint64_t kLongestMetadata = std::uint64_t{64} << 20U;
    auto joined = std::make_shared<JoinedReader>(folder, "NumPy folder");
    bool hasArrays = false;
    for (const std::string& name : names) {
        if (name == kNumpyMetadataName) {
            if (const auto json = readFile(vfs, folder + "/" + name, kLongestMetadata))
                joined->addMetadata(
                    metadataOfJson({reinterpret_cast<const char*>(json->data()), json->size()}));
            continue;
        }
        if (!name.ends_with(".npy") || name.starts_with('.'))
            continue;
        hasArrays = true;
        WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.openBeneath(folder, name));
        WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
        WR_ASSIGN_OR_RETURN(auto array, NumpyReader::openArray(std::move(file), folder + "/" + name, size,
                                                               tensorOfNpyFile(name)));
        WR_RETURN_IF_ERROR(joined->add(std::move(array)).withContext(folder));
    }
    if (!hasArrays)
        return std::shared_ptr<const checkpoint::CheckpointReader>();
    joined->finish();
    return std::shared_ptr<const checkpoint::CheckpointReader>(std::move(joined));
}

} // namespace wr::formats
