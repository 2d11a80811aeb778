// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/status.h"

namespace wr {

std::string_view statusCodeName(StatusCode code)
{
    switch (code) {
    case StatusCode::Ok:
        return "Ok";
    case StatusCode::Cancelled:
        return "Cancelled";
    case StatusCode::InvalidArgument:
        return "InvalidArgument";
    case StatusCode::NotFound:
        return "NotFound";
    case StatusCode::AlreadyExists:
        return "AlreadyExists";
    case StatusCode::ResourceExhausted:
        return "ResourceExhausted";
    case StatusCode::FailedPrecondition:
        return "FailedPrecondition";
    case StatusCode::OutOfRange:
        return "OutOfRange";
    case StatusCode::Unimplemented:
        return "Unimplemented";
    case StatusCode::Internal:
        return "Internal";
    case StatusCode::Unavailable:
        return "Unavailable";
    case StatusCode::DataLoss:
        return "DataLoss";
    }
    return "Unknown";
}

Status Status::withContext(std::string_view where) const
{
    if (isOk())
        return *this;
    std::string message(where);
    message += ": ";
    message += m_message;
    return {m_code, std::move(message)};
}

std::string Status::toString() const
{
    if (isOk())
        return "Ok";
    std::string text(statusCodeName(m_code));
    text += ": ";
    text += m_message;
    return text;
}

Status cancelled(std::string message)
{
    return {StatusCode::Cancelled, std::move(message)};
}
Status invalidArgument(std::string message)
{
    return {StatusCode::InvalidArgument, std::move(message)};
}
Status notFound(std::string message)
{
    return {StatusCode::NotFound, std::move(message)};
}
Status alreadyExists(std::string message)
{
    return {StatusCode::AlreadyExists, std::move(message)};
}
Status resourceExhausted(std::string message)
{
    return {StatusCode::ResourceExhausted, std::move(message)};
}
Status failedPrecondition(std::string message)
{
    return {StatusCode::FailedPrecondition, std::move(message)};
}
Status outOfRange(std::string message)
{
    return {StatusCode::OutOfRange, std::move(message)};
}
Status unimplemented(std::string message)
{
    return {StatusCode::Unimplemented, std::move(message)};
}
Status internalError(std::string message)
{
    return {StatusCode::Internal, std::move(message)};
}
Status unavailable(std::string message)
{
    return {StatusCode::Unavailable, std::move(message)};
}
Status dataLoss(std::string message)
{
    return {StatusCode::DataLoss, std::move(message)};
}

} // namespace wr
