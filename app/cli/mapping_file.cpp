// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/mapping_file.h"

#include <QFile>
#include <QJsonArray>
#include <QSaveFile>

namespace wr::app {

std::optional<remap::Mapping> loadMapping(const QString& path, const Output& output)
{
    constexpr qint64 kMostBytes = qint64{64} << 20;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly) || file.size() > kMostBytes) {
        output.error(
            {QStringLiteral("“%1” could not be read.").arg(path),
             file.isOpen() ? QStringLiteral("It is larger than a mapping may be.") : file.errorString(),
             {}});
        return std::nullopt;
    }
    const QByteArray text = file.readAll();
    Result<remap::Mapping> mapping =
        remap::Mapping::parse({text.constData(), static_cast<std::size_t>(text.size())});
    if (!mapping) {
        output.error(
            explain(QStringLiteral("“%1” is no mapping that can be used.").arg(path), mapping.error()));
        return std::nullopt;
    }
    return std::move(*mapping);
}

bool saveMapping(const QString& path, const remap::Mapping& mapping, const Output& output)
{
    QSaveFile file(path);
    const std::string text = mapping.text();
    if (file.open(QIODevice::WriteOnly) && file.write(text.data(), static_cast<qint64>(text.size())) >= 0 &&
        file.commit())
        return true;
    output.error({QStringLiteral("“%1” could not be written.").arg(path), file.errorString(), {}});
    return false;
}

void printProblems(const std::vector<remap::MappingProblem>& problems, const remap::Mapping& mapping,
                   const Output& output)
{
    QVector<QStringList> rows;
    for (const remap::MappingProblem& problem : problems) {
        QJsonArray places;
        QStringList words;
        for (const std::size_t rule : problem.rules) {
            words += QString::fromStdString(remap::placeOf(mapping, rule));
            places.append(words.last());
        }
        output.object({{QStringLiteral("event"), QStringLiteral("problem")},
                       {QStringLiteral("rules"), places},
                       {QStringLiteral("tensor"), QString::fromStdString(problem.tensor)},
                       {QStringLiteral("problem"), QString::fromStdString(problem.what)}});
        rows.append({words.join(QStringLiteral(", ")), escapedName(QString::fromStdString(problem.tensor)),
                     escapedName(QString::fromStdString(problem.what))});
    }
    if (!rows.isEmpty())
        output.table({QStringLiteral("rule"), QStringLiteral("tensor"), QStringLiteral("problem")}, rows, {});
}

} // namespace wr::app
