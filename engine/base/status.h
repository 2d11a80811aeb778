// SPDX-License-Identifier: GPL-3.0-or-later
// The outcome of an operation: a code from TensorFlow's closed set, and what and where in data terms
// ("conv1/kernel: frame 3 of 9: checksum"). Values only; usable from any thread; never thrown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace wr {

enum class StatusCode : std::uint8_t {
    Ok,
    Cancelled,
    InvalidArgument,
    NotFound,
    AlreadyExists,
    ResourceExhausted,
    FailedPrecondition,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
};

/// The code's name as TensorFlow spells it, for example "DataLoss".
std::string_view statusCodeName(StatusCode code);

class [[nodiscard]] Status {
public:
    Status() = default;
    Status(StatusCode code, std::string message) : m_code(code), m_message(std::move(message)) {}

    bool isOk() const { return m_code == StatusCode::Ok; }
    StatusCode code() const { return m_code; }
    const std::string& message() const { return m_message; }

    /// The same status with "where: " put in front of its message; Ok stays Ok.
    Status withContext(std::string_view where) const;
    /// "DataLoss: conv1/kernel: frame 3 of 9: checksum", or "Ok".
    std::string toString() const;

private:
    StatusCode m_code = StatusCode::Ok;
    std::string m_message;
};

template <typename T>
using Result = tl::expected<T, Status>;

/// Turns a failed status into the error side of any Result.
inline tl::unexpected<Status> fail(Status status)
{
    return tl::unexpected<Status>(std::move(status));
}
inline tl::unexpected<Status> fail(StatusCode code, std::string message)
{
    return tl::unexpected<Status>(Status(code, std::move(message)));
}

Status cancelled(std::string message);
Status invalidArgument(std::string message);
Status notFound(std::string message);
Status alreadyExists(std::string message);
Status resourceExhausted(std::string message);
Status failedPrecondition(std::string message);
Status outOfRange(std::string message);
Status unimplemented(std::string message);
Status internalError(std::string message);
Status unavailable(std::string message);
Status dataLoss(std::string message);

} // namespace wr

#define WR_CONCAT_INNER(a, b) a##b
#define WR_CONCAT(a, b) WR_CONCAT_INNER(a, b)

/// Returns the status (as Status or as the error of a Result) when `expr` is not Ok.
#define WR_RETURN_IF_ERROR(expr)                                                                             \
    do {                                                                                                     \
        if (::wr::Status wrStatus = (expr); !wrStatus.isOk())                                                \
            return ::wr::detail::Propagate{std::move(wrStatus)};                                             \
    } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): lhs is a declaration.
/// Declares `lhs` from a Result's value, or returns its status.
#define WR_ASSIGN_OR_RETURN(lhs, expr) WR_ASSIGN_OR_RETURN_INNER(WR_CONCAT(wrResult, __LINE__), lhs, expr)
#define WR_ASSIGN_OR_RETURN_INNER(result, lhs, expr)                                                         \
    auto result = (expr);                                                                                    \
    if (!result)                                                                                             \
        return ::wr::detail::Propagate{std::move(result.error())};                                           \
    lhs = std::move(*result)
// NOLINTEND(bugprone-macro-parentheses)

namespace wr::detail {
struct Propagate {
    Status status;
    operator Status() && { return std::move(status); } // NOLINT(google-explicit-constructor)
    template <typename T>
    operator Result<T>() && // NOLINT(google-explicit-constructor)
    {
        return tl::unexpected<Status>(std::move(status));
    }
};
} // namespace wr::detail
