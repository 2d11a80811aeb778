// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/text_difference.h"

#include <QStringList>
#include <algorithm>
#include <dtl/dtl.hpp>
#include <vector>

namespace wr::app {
namespace {

using Kind = LineChange::Kind;

std::vector<QString> linesOf(const QString& text)
{
    const QStringList lines = text.split(u'\n');
    return {lines.cbegin(), lines.cend()};
}

} // namespace

QVector<LineChange> differenceOf(const QString& before, const QString& after)
{
    dtl::Diff<QString, std::vector<QString>> diff(linesOf(before), linesOf(after));
    diff.onHuge();
    diff.compose();
    QVector<LineChange> changes;
    int oldLine = 0;
    int newLine = 0;
    for (const auto& [text, info] : diff.getSes().getSequence()) {
        LineChange change;
        change.text = text;
        change.kind = info.type == dtl::SES_ADD      ? Kind::Added
                      : info.type == dtl::SES_DELETE ? Kind::Removed
                                                     : Kind::Kept;
        if (change.kind != Kind::Added)
            change.before = ++oldLine;
        if (change.kind != Kind::Removed)
            change.after = ++newLine;
        changes.append(change);
    }
    // What went stands in front of what came instead.
    for (auto begin = changes.begin(); begin != changes.end();) {
        const auto isKept = [](const LineChange& change) { return change.kind == Kind::Kept; };
        begin = std::find_if_not(begin, changes.end(), isKept);
        const auto end = std::find_if(begin, changes.end(), isKept);
        std::stable_partition(begin, end,
                              [](const LineChange& change) { return change.kind == Kind::Removed; });
        begin = end;
    }
    return changes;
}

QVector<LineChange> onlyChanges(const QVector<LineChange>& lines, int around)
{
    QVector<bool> isShown(lines.size(), false);
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (lines[i].kind == Kind::Kept)
            continue;
        for (qsizetype near = std::max<qsizetype>(0, i - around);
             near <= std::min<qsizetype>(lines.size() - 1, i + around); ++near)
            isShown[near] = true;
    }
    QVector<LineChange> shown;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (isShown[i])
            shown.append(lines[i]);
        else if (i == 0 || isShown[i - 1])
            shown.append(LineChange());
    }
    return shown;
}

} // namespace wr::app
