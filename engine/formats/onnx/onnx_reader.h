// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of an ONNX model as a checkpoint. Values may lie in other files, which are opened only beneath
// the model's folder. Four-bit numbers appear as int8 and uint8. May be used from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/onnx/onnx_model.h"

namespace wr::formats {

class OnnxReader final : public checkpoint::ListedReader {
public:
    /// Nothing when the file is no ONNX model.
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    open(Vfs& vfs, std::shared_ptr<File> file, const std::string& path);

    std::string formatName() const override { return "ONNX"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    explicit OnnxReader(const std::string& path) : ListedReader(path) {}
    Status openOthers(Vfs& vfs);
    Status dropCutOff();
    bool isMissing(const OnnxTensor& tensor) const;
    Status readStored(const OnnxTensor& tensor, std::uint64_t at, std::span<std::byte> into) const;
    /// The numbers of a List, one after another, as little-endian elements.
    Status decodeList(const OnnxTensor& tensor, std::span<std::byte> into) const;
    bool isPlain(const OnnxTensor& tensor) const;

    std::shared_ptr<File> m_file;
    std::map<std::string, std::shared_ptr<File>> m_others; ///< by location
    std::vector<OnnxTensor> m_tensors;                     ///< of the entries
};

} // namespace wr::formats
