// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/combine.h"

#include "engine/checkpoint/tensor_source.h"
#include "engine/remap/element_cast.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace wr::remap {
namespace {

class SumSource final : public checkpoint::TensorSource {
public:
    SumSource(std::span<const CombineTerm> terms, WholeNumbers wholeNumbers)
        : m_terms(terms), m_wholeNumbers(wholeNumbers)
    {
    }

    /// InvalidArgument names what does not fit.
    Status prepare(CombineReport& report)
    {
        std::string missing;
        std::size_t count = 0;
        const auto complain = [&](const std::string& text) {
            constexpr std::size_t kMostTold = 8;
            if (count++ < kMostTold)
                missing += (missing.empty() ? "" : "; ") + text;
        };
        const auto& last = *m_terms.back().reader;
        for (const checkpoint::TensorEntry& entry : last.tensors()) {
            const TensorSpec& spec = entry.spec;
            const bool isFloat = isFloating(spec.dtype);
            if (!isFloat && m_wholeNumbers == WholeNumbers::LeaveOut) {
                report.leftOut.push_back(spec.name);
                continue;
            }
            std::vector<std::size_t> places;
            for (const CombineTerm& term : m_terms) {
                const std::ptrdiff_t found = term.reader->find(spec.name);
                std::optional<TensorSpec> other;
                if (found >= 0)
                    other = term.reader->tensors()[static_cast<std::size_t>(found)].spec;
                if (!other && isFloat)
                    complain("\"" + spec.name + "\" is not in " + term.reader->path());
                else if (isFloat && *other != spec)
                    complain("\"" + spec.name + "\" is " + std::string(dtypeName(other->dtype)) + " " +
                             other->shape.toString() + " in " + term.reader->path() + " and " +
                             std::string(dtypeName(spec.dtype)) + " " + spec.shape.toString() + " in " +
                             last.path());
                places.push_back(static_cast<std::size_t>(std::max<std::ptrdiff_t>(found, 0)));
            }
            isFloat ? void(++report.computed) : report.taken.push_back(spec.name);
            m_specs.push_back(spec);
            m_places.push_back(std::move(places));
        }
        for (const CombineTerm& term : m_terms) {
            for (const checkpoint::TensorEntry& entry : term.reader->tensors()) {
                if (last.find(entry.spec.name) < 0 && isFloating(entry.spec.dtype))
                    complain("\"" + entry.spec.name + "\" is not in " + last.path());
            }
        }
        if (count == 0)
            return {};
        constexpr std::size_t kMostTold = 8;
        return invalidArgument(
            missing + (count > kMostTold ? "; and " + std::to_string(count - kMostTold) + " more" : ""));
    }

    const std::vector<TensorSpec>& specs() const override { return m_specs; }

    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override
    {
        scratch.resize(size);
        const std::vector<std::size_t>& places = m_places[tensor];
        const DType dtype = m_specs[tensor].dtype;
        if (!isFloating(dtype)) {
            WR_RETURN_IF_ERROR(m_terms.back().reader->readPart(places.back(), at, scratch));
            return std::span<const std::byte>(scratch);
        }
        const std::size_t element = dtypeSize(dtype);
        if (at % element != 0 || size % element != 0) { // the planes of a block are asked for whole
            WR_ASSIGN_OR_RETURN(const Tensor all, whole(tensor));
            std::copy_n(all.bytes().begin() + static_cast<std::ptrdiff_t>(at), size, scratch.begin());
            return std::span<const std::byte>(scratch);
        }
        WR_RETURN_IF_ERROR(sum(tensor, at, scratch));
        return std::span<const std::byte>(scratch);
    }

    Result<Tensor> whole(std::size_t tensor) const override
    {
        const TensorSpec& spec = m_specs[tensor];
        if (!isFloating(spec.dtype))
            return m_terms.back().reader->read(m_places[tensor].back());
        WR_ASSIGN_OR_RETURN(Tensor made, Tensor::create(spec.dtype, spec.shape));
        WR_RETURN_IF_ERROR(sum(tensor, 0, made.mutableBytes()));
        return made;
    }
    std::optional<checkpoint::Digest> knownDigest(std::size_t) const override { return {}; }
    std::optional<Statistics> knownStatistics(std::size_t) const override { return {}; }

private:
    Status sum(std::size_t tensor, std::uint64_t at, std::span<std::byte> into) const
    {
        constexpr std::size_t kPiece = std::size_t{1} << 18U; // elements
        const DType dtype = m_specs[tensor].dtype;
        const std::size_t element = dtypeSize(dtype);
        std::vector<std::byte> own;
        std::vector<double> values;
        std::vector<double> sums;
        for (std::size_t begin = 0; begin < into.size(); begin += kPiece * element) {
            const std::size_t bytes = std::min(kPiece * element, into.size() - begin);
            own.resize(bytes);
            values.resize(bytes / element);
            sums.assign(bytes / element, 0.0);
            for (std::size_t term = 0; term < m_terms.size(); ++term) {
                if (const Status status =
                        m_terms[term].reader->readPart(m_places[tensor][term], at + begin, own);
                    !status.isOk())
                    return status.withContext(m_terms[term].reader->path() + ": " + m_specs[tensor].name);
                castElements(dtype, own, DType::Float64, std::as_writable_bytes(std::span(values)));
                for (std::size_t i = 0; i < sums.size(); ++i)
                    sums[i] += m_terms[term].weight * values[i];
            }
            castElements(DType::Float64, std::as_bytes(std::span(sums)), dtype, into.subspan(begin, bytes));
        }
        return {};
    }

    std::span<const CombineTerm> m_terms;
    WholeNumbers m_wholeNumbers;
    std::vector<TensorSpec> m_specs;
    std::vector<std::vector<std::size_t>> m_places; ///< by tensor: its number in each checkpoint
};

} // namespace

Result<CombineReport> combineCheckpoints(Vfs& vfs, std::span<const CombineTerm> terms,
                                         WholeNumbers wholeNumbers, const std::string& path,
                                         const checkpoint::SaveOptions& options, const Progress& progress)
{
    const bool areSound = std::all_of(terms.begin(), terms.end(), [](const CombineTerm& term) {
        return term.reader != nullptr && std::isfinite(term.weight);
    });
    if (terms.empty() || !areSound)
        return fail(StatusCode::InvalidArgument,
                    "at least one checkpoint is needed, and weights that are numbers");
    CombineReport report;
    SumSource source(terms, wholeNumbers);
    WR_RETURN_IF_ERROR(source.prepare(report));
    checkpoint::SaveOptions own = options;
    own.base.reset();
    WR_ASSIGN_OR_RETURN(report.save, checkpoint::saveSource(vfs, path, source,
                                                            terms.back().reader->metadata(), own, progress));
    return report;
}

} // namespace wr::remap
