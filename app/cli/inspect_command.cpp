// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli inspect CHECKPOINT [--tensor NAME] [--verify]
#include "app/cli/command.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "engine/checkpoint/checkpoint.h"

#include <QJsonArray>

namespace wr::app {
namespace {

QJsonObject tensorObject(const TensorRow& row, const checkpoint::TensorEntry& entry)
{
    QJsonArray shape;
    for (const std::int64_t dim : entry.spec.shape.dims())
        shape.append(static_cast<qint64>(dim));
    QJsonObject object{{QStringLiteral("event"), QStringLiteral("tensor")},
                       {QStringLiteral("name"), row.name},
                       {QStringLiteral("dtype"), row.dtype},
                       {QStringLiteral("shape"), shape},
                       {QStringLiteral("bytes"), row.bytes}};
    if (!row.digest.isEmpty())
        object.insert(QStringLiteral("digest"), row.digest);
    if (row.hasStatistics) {
        object.insert(QStringLiteral("mean"), row.mean);
        object.insert(QStringLiteral("stddev"), row.stddev);
        object.insert(QStringLiteral("min"), row.min);
        object.insert(QStringLiteral("max"), row.max);
        object.insert(QStringLiteral("non_finite"), row.nonFinite());
    }
    return object;
}

void printListing(const CheckpointFile& file, const Output& output)
{
    output.line(
        QStringLiteral("%1: %2, %3, %4 tensors")
            .arg(file.path(), file.format(), byteText(file.fileBytes()), countText(file.tensorCount())));
    const QMap<QString, QString> metadata = file.metadata();
    QJsonObject metadataObject;
    for (auto it = metadata.begin(); it != metadata.end(); ++it) {
        metadataObject.insert(it.key(), it.value());
        constexpr int kShownLength = 100;
        if (it.value().size() <= kShownLength && !it.value().contains(QLatin1Char('\n')))
            output.line(QStringLiteral("  %1 = %2").arg(escapedName(it.key()), escapedName(it.value())));
        else
            output.line(
                QStringLiteral("  %1: %2 characters").arg(escapedName(it.key())).arg(it.value().size()));
    }
    for (const QString& warning : file.warnings())
        output.line(QStringLiteral("  warning: ") + warning);
    output.object({{QStringLiteral("event"), QStringLiteral("checkpoint")},
                   {QStringLiteral("path"), file.path()},
                   {QStringLiteral("format"), file.format()},
                   {QStringLiteral("bytes"), file.fileBytes()},
                   {QStringLiteral("tensors"), file.tensorCount()},
                   {QStringLiteral("metadata"), metadataObject},
                   {QStringLiteral("warnings"), QJsonArray::fromStringList(file.warnings())}});

    QVector<QStringList> rows;
    qint64 elements = 0;
    for (int i = 0; i < file.tensorCount(); ++i) {
        const TensorRow row = file.tensor(i);
        elements += row.elements;
        output.object(tensorObject(row, file.reader().tensors()[static_cast<std::size_t>(i)]));
        const bool known = row.hasStatistics;
        rows.append({escapedName(row.name), row.dtype, row.shape, byteText(row.bytes),
                     known ? valueText(row.mean) : QString(), known ? valueText(row.stddev) : QString(),
                     known ? valueText(row.min) : QString(), known ? valueText(row.max) : QString()});
    }
    output.line({});
    output.table({QStringLiteral("tensor"), QStringLiteral("type"), QStringLiteral("shape"),
                  QStringLiteral("size"), QStringLiteral("mean"), QStringLiteral("std.dev."),
                  QStringLiteral("min"), QStringLiteral("max")},
                 rows, {3, 4, 5, 6, 7});
    output.line({});
    output.line(QStringLiteral("%1 elements in all").arg(countText(elements)));
}

int printTensor(const CheckpointFile& file, const QString& name, const Output& output)
{
    const std::ptrdiff_t index = file.reader().find(name.toStdString());
    if (index < 0) {
        output.error({QStringLiteral("“%1” is not in this checkpoint.").arg(name),
                      QStringLiteral("It holds %1 tensors, none of that name.").arg(file.tensorCount()),
                      QStringLiteral("Run the command without --tensor to list the names.")});
        return ExitUsage;
    }
    const TensorPreview preview = file.preview(static_cast<int>(index));
    if (!preview.problem.isEmpty()) {
        output.error(preview.problem);
        return ExitFailed;
    }
    QJsonArray values;
    QStringList words;
    for (const double value : preview.sample) {
        values.append(value);
        words += QString::number(value, 'g', 9);
    }
    output.object({{QStringLiteral("event"), QStringLiteral("values")},
                   {QStringLiteral("name"), preview.name},
                   {QStringLiteral("first"), values}});
    output.line(QStringLiteral("%1, %2").arg(escapedName(preview.name), preview.shape));
    output.line(words.join(QLatin1Char(' ')));
    if (const qint64 elements = file.tensor(static_cast<int>(index)).elements;
        elements > preview.sample.size())
        output.line(QStringLiteral("… and %1 more").arg(countText(elements - preview.sample.size())));
    return ExitDone;
}

/// As TensorFlow's inspect_checkpoint prints it: "weights (DT_FLOAT) [784,200]".
int printPlainListing(const CheckpointFile& file, const Output& output)
{
    qint64 elements = 0;
    for (int i = 0; i < file.tensorCount(); ++i) {
        const TensorRow row = file.tensor(i);
        QStringList dims;
        for (const qint64 dim : row.dims)
            dims += QString::number(dim);
        static const QHash<QString, QString> special{{QStringLiteral("float32"), QStringLiteral("FLOAT")},
                                                     {QStringLiteral("float64"), QStringLiteral("DOUBLE")},
                                                     {QStringLiteral("float16"), QStringLiteral("HALF")}};
        const QString type = QStringLiteral("DT_") + special.value(row.dtype, row.dtype.toUpper());
        elements += row.elements;
        output.line(QStringLiteral("%1 (%2) [%3]").arg(escapedName(row.name), type, dims.join(u',')));
        output.object({{QStringLiteral("event"), QStringLiteral("tensor")},
                       {QStringLiteral("name"), row.name},
                       {QStringLiteral("type"), type},
                       {QStringLiteral("shape"), dims.join(u',')}});
    }
    output.line(QStringLiteral("# Total number of params: %1").arg(elements));
    return ExitDone;
}

int printDamage(const CheckpointFile& file, const Output& output)
{
    const Result<std::vector<checkpoint::Damage>> damage = checkpoint::verifyCheckpoint(file.reader());
    if (!damage) {
        output.error(explain(QStringLiteral("The checkpoint could not be verified."), damage.error()));
        return ExitFailed;
    }
    for (const checkpoint::Damage& entry : *damage) {
        const QString tensor = QString::fromStdString(entry.tensor);
        const QString what = QString::fromStdString(entry.what);
        output.object({{QStringLiteral("event"), QStringLiteral("damage")},
                       {QStringLiteral("tensor"), tensor},
                       {QStringLiteral("what"), what}});
        output.line(
            QStringLiteral("damaged: %1: %2").arg(tensor.isEmpty() ? QStringLiteral("file") : tensor, what));
    }
    output.object({{QStringLiteral("event"), QStringLiteral("verified")},
                   {QStringLiteral("whole"), damage->empty()},
                   {QStringLiteral("damages"), static_cast<qint64>(damage->size())}});
    if (damage->empty())
        output.line(QStringLiteral("Whole: every frame, checksum and digest is right."));
    return damage->empty() ? ExitDone : ExitFailed;
}

} // namespace

int runInspect(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const CheckpointFile::Opened opened = CheckpointFile::open(invocation.positional[0]);
    if (!opened.file) {
        output.error(opened.problem);
        return ExitUsage;
    }
    if (const QString name = invocation.options.value(QStringLiteral("tensor")); !name.isEmpty())
        return printTensor(*opened.file, name, output);
    if (invocation.options.isSet(QStringLiteral("listing")))
        return printPlainListing(*opened.file, output);
    printListing(*opened.file, output);
    return invocation.options.isSet(QStringLiteral("verify")) ? printDamage(*opened.file, output)
                                                              : int{ExitDone};
}

} // namespace wr::app
