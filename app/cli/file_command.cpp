// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/file_command.h"

#include "app/document/quantity.h"

#include <algorithm>
#include <thread>

namespace wr::app {

Progress commandProgress(const Output& output, const QString& word)
{
    auto since = std::make_shared<QElapsedTimer>();
    since->start();
    return [&output, word, since](std::uint64_t done, std::uint64_t total) {
        constexpr qint64 kEvery = 200; // milliseconds
        if (since->elapsed() >= kEvery) {
            since->restart();
            const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0;
            output.status(QStringLiteral("%1 %2 %").arg(word).arg(static_cast<int>(share * 100.0)));
            output.object(
                {{QStringLiteral("event"), QStringLiteral("progress")}, {QStringLiteral("share"), share}});
        }
        return !InterruptGuard::isRaised();
    };
}

int failed(const Output& output, const QString& what, const Status& status)
{
    output.clearStatus();
    output.error(explain(what, status));
    switch (status.code()) {
    case StatusCode::Cancelled:
        return ExitInterrupted;
    case StatusCode::InvalidArgument:
    case StatusCode::NotFound:
    case StatusCode::AlreadyExists:
        return ExitUsage;
    default:
        return ExitFailed;
    }
}

int threadsOption(const Invocation& invocation)
{
    const QString text = invocation.options.value(QStringLiteral("threads"));
    if (text.isEmpty())
        return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    bool ok = false;
    const int threads = text.toInt(&ok);
    if (ok && threads >= 1 && threads <= 1024)
        return threads;
    invocation.output.error({QStringLiteral("“%1” is no number of threads.").arg(text),
                             QStringLiteral("It must be a whole number from 1 to 1024."),
                             {}});
    return 0;
}

} // namespace wr::app
