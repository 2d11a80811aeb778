// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/neighbour_file.h"

namespace wr::formats {

Result<std::shared_ptr<File>> openNeighbour(Vfs& vfs, const std::string& folder, const std::string& name)
{
    Result<std::unique_ptr<File>> file = vfs.openBeneath(folder, name);
    if (!file && file.error().code() == StatusCode::InvalidArgument && isBeneath(name)) {
        const std::size_t cache = folder.rfind("/snapshots/");
        if (cache != std::string::npos && cache > 0)
            file = vfs.openBeneath(folder.substr(0, cache), folder.substr(cache + 1) + "/" + name);
    }
    if (!file)
        return fail(file.error());
    return std::shared_ptr<File>(std::move(*file));
}

} // namespace wr::formats
