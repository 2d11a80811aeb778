// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/text_compare_dialog.h"

#include "app/document/quantity.h"
#include "app/document/text_difference.h"
#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTextBlock>
#include <QVBoxLayout>

namespace wr::ui {

TextCompareDialog::TextCompareDialog(const QString& title, const QString& before, const QString& after,
                                     QWidget* parent)
    : QDialog(parent), m_summary(new QLabel(this)), m_lines(new QPlainTextEdit(this))
{
    setWindowTitle(title);
    resize(820, 560);
    m_summary->setProperty("role", QStringLiteral("muted"));
    m_summary->setText(tr("Comparing…"));
    m_lines->setReadOnly(true);
    m_lines->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_lines->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_lines->setAccessibleName(tr("Changed lines"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_summary);
    layout->addWidget(m_lines, 1);
    layout->addWidget(buttons);
    compare(before, after);
}

void TextCompareDialog::compare(const QString& before, const QString& after)
{
    using app::LineChange;
    m_comparer.start(
        [before, after](const app::JobTracker::Context&) {
            constexpr int kAround = 3;
            return app::onlyChanges(app::differenceOf(before, after), kAround);
        },
        [this](const QVector<LineChange>& lines) {
            int removed = 0;
            int added = 0;
            QStringList text;
            for (const LineChange& line : lines) {
                const bool isGap = line.before < 0 && line.after < 0;
                removed += line.kind == LineChange::Kind::Removed ? 1 : 0;
                added += line.kind == LineChange::Kind::Added ? 1 : 0;
                const QChar sign = line.kind == LineChange::Kind::Removed ? QChar(u'−')
                                   : line.kind == LineChange::Kind::Added ? QChar(u'+')
                                                                          : QChar(u' ');
                constexpr int kNumber = 5;
                const int number = line.after >= 0 ? line.after : line.before;
                text += isGap ? QStringLiteral("      ⋮")
                              : QStringLiteral("%1 %2 %3").arg(number, kNumber).arg(sign).arg(line.text);
            }
            m_lines->setPlainText(text.join(u'\n'));
            QList<QTextEdit::ExtraSelection> marks;
            const Colours& colours = Theme::instance().colours();
            for (int i = 0; i < lines.size(); ++i) {
                if (lines[i].kind == LineChange::Kind::Kept)
                    continue;
                QTextEdit::ExtraSelection mark;
                QColor back = lines[i].kind == LineChange::Kind::Added ? colours.good : colours.bad;
                constexpr int kFaint = 50;
                back.setAlpha(kFaint);
                mark.format.setBackground(back);
                mark.format.setProperty(QTextFormat::FullWidthSelection, true);
                mark.cursor = QTextCursor(m_lines->document()->findBlockByNumber(i));
                marks += mark;
            }
            m_lines->setExtraSelections(marks);
            m_summary->setText(removed + added == 0 ? tr("The two are the same.")
                                                    : tr("%1 removed, %2 added")
                                                          .arg(app::countOf(removed, tr("line"), tr("lines")),
                                                               app::countOf(added, tr("line"), tr("lines"))));
        });
}

} // namespace wr::ui
