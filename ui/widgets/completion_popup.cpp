// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/completion_popup.h"

#include "ui/theme/theme.h"

#include <QFontDatabase>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QScreen>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr int kMostShown = 10;
constexpr int kRowHeight = 24;
constexpr int kWidth = 460;
constexpr int kKindRole = Qt::UserRole;
constexpr int kNameRole = Qt::UserRole + 1;

/// A letter for the kind, the name, and what follows it in a quieter colour.
class ItemDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& /*option*/, const QModelIndex& /*index*/) const override
    {
        return {kWidth / 2, kRowHeight};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Colours& colours = Theme::instance().colours();
        painter->save();
        painter->fillRect(option.rect,
                          (option.state & QStyle::State_Selected) != 0 ? colours.selection : colours.base);
        const auto kind = static_cast<app::CompletionItem::Kind>(index.data(kKindRole).toInt());
        QString letter = QStringLiteral("x");
        QColor ink = colours.accent;
        if (kind == app::CompletionItem::Kind::Function) {
            letter = QStringLiteral("ƒ");
            ink = colours.syntaxCall;
        } else if (kind == app::CompletionItem::Kind::Argument) {
            letter = QStringLiteral("=");
            ink = colours.syntaxNumber;
        } else if (kind == app::CompletionItem::Kind::Text) {
            letter = QStringLiteral("“");
            ink = colours.syntaxText;
        }
        const QRect box = option.rect.adjusted(6, 0, -8, 0);
        painter->setPen(ink);
        painter->drawText(QRect(box.left(), box.top(), 18, box.height()), Qt::AlignCenter, letter);
        const QString label = index.data().toString();
        const QString name = index.data(kNameRole).toString();
        const QFontMetrics metrics(option.font);
        const int left = box.left() + 24;
        painter->setPen(colours.text);
        const int whole = metrics.horizontalAdvance(name);
        const int width = std::min(whole, box.right() - left);
        // Widths are rounded, so a name that fits is not asked whether it does.
        painter->drawText(QRect(left, box.top(), width + 1, box.height()),
                          Qt::AlignVCenter | Qt::TextDontClip,
                          width == whole ? name : metrics.elidedText(name, Qt::ElideMiddle, width));
        painter->setPen(colours.muted);
        const int room = box.right() - left - width;
        painter->drawText(QRect(left + width, box.top(), room, box.height()), Qt::AlignVCenter,
                          metrics.elidedText(label.mid(name.size()), Qt::ElideRight, room));
        painter->restore();
    }
};

QString popupStyle()
{
    const Colours& colours = Theme::instance().colours();
    return QStringLiteral("wr--ui--CompletionPopup, wr--ui--CallHintLabel { background: %1; border: 1px "
                          "solid %2; border-radius: 4px; } QListWidget { border: none; background: %1; } "
                          "QLabel { color: %3; background: transparent; }")
        .arg(colours.base.name(), colours.muted.name(), colours.text.name());
}

} // namespace

CompletionPopup::CompletionPopup(QWidget* editor)
    : QFrame(editor, Qt::ToolTip | Qt::FramelessWindowHint), m_list(new QListWidget(this)),
      m_note(new QLabel(this))
{
    setAttribute(Qt::WA_ShowWithoutActivating);
    setFocusPolicy(Qt::NoFocus);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("What may be written here"));
    m_list->setUniformItemSizes(true);
    m_list->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_list->setItemDelegate(new ItemDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    m_note->setContentsMargins(10, 3, 10, 5);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(m_list);
    layout->addWidget(m_note);
    connect(m_list, &QListWidget::currentRowChanged, this, &CompletionPopup::showNote);
    connect(m_list, &QListWidget::itemClicked, this, &CompletionPopup::chosen);
    const auto paintAnew = [this] { setStyleSheet(popupStyle()); };
    connect(&Theme::instance(), &Theme::changed, this, paintAnew);
    paintAnew();
}

void CompletionPopup::offer(const app::Completion& completion, const QRect& word, bool selects)
{
    m_completion = completion;
    m_word = word;
    m_list->clear();
    for (const app::CompletionItem& item : completion.items) {
        auto* row = new QListWidgetItem(item.label, m_list);
        row->setData(kKindRole, static_cast<int>(item.kind));
        const qsizetype open = item.label.indexOf(u'(');
        row->setData(kNameRole, open > 0 ? item.label.left(open) : item.label);
        row->setToolTip(item.note);
    }
    m_list->setCurrentRow(selects ? 0 : -1);
    showNote();
    place();
    QWidget::show();
}

void CompletionPopup::place()
{
    const auto shown = std::min<int>(kMostShown, static_cast<int>(m_completion.items.size()));
    m_list->setFixedHeight(shown * kRowHeight + 2);
    setFixedWidth(kWidth);
    const int height = m_list->height() + m_note->sizeHint().height() + 2;
    resize(kWidth, height);
    const QScreen* screen = parentWidget()->screen();
    const QRect room = screen->availableGeometry();
    QPoint at(m_word.left() - 30, m_word.bottom() + 2);
    if (at.y() + height > room.bottom())
        at.setY(m_word.top() - 2 - height);
    at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - kWidth)));
    move(at);
}

void CompletionPopup::moveBy(int rows)
{
    const int count = m_list->count();
    if (count == 0)
        return;
    int row = m_list->currentRow();
    if (row < 0)
        row = rows > 0 ? 0 : count - 1;
    else if (std::abs(rows) == 1)
        row = (row + rows + count) % count;
    else
        row = std::clamp(row + rows, 0, count - 1);
    m_list->setCurrentRow(row);
}

bool CompletionPopup::hasChoice() const
{
    return m_list->currentRow() >= 0;
}

app::CompletionItem CompletionPopup::choice() const
{
    return m_completion.items.value(m_list->currentRow());
}

void CompletionPopup::showNote()
{
    const QString note = hasChoice() ? choice().note : QString();
    m_note->setText(note.isEmpty() ? tr("Enter or Tab takes it, Esc closes") : note);
}

CallHintLabel::CallHintLabel(QWidget* editor)
    : QFrame(editor, Qt::ToolTip | Qt::FramelessWindowHint), m_label(new QLabel(this))
{
    setAttribute(Qt::WA_ShowWithoutActivating);
    setFocusPolicy(Qt::NoFocus);
    m_label->setTextFormat(Qt::RichText);
    m_label->setContentsMargins(8, 3, 8, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(m_label);
    const auto paintAnew = [this] { setStyleSheet(popupStyle()); };
    connect(&Theme::instance(), &Theme::changed, this, paintAnew);
    paintAnew();
}

void CallHintLabel::show(const app::CallHint& hint, const QRect& place)
{
    QStringList parts;
    for (qsizetype i = 0; i < hint.parameters.size(); ++i)
        parts += i == hint.current ? QStringLiteral("<b>%1</b>").arg(hint.parameters[i].toHtmlEscaped())
                                   : hint.parameters[i].toHtmlEscaped();
    QString text =
        QStringLiteral("%1(%2)").arg(hint.function.toHtmlEscaped(), parts.join(QLatin1String(", ")));
    if (!hint.note.isEmpty())
        text += QStringLiteral("<br><span style=\"color:%1\">%2</span>")
                    .arg(Theme::instance().colours().muted.name(), hint.note.toHtmlEscaped());
    m_label->setText(text);
    adjustSize();
    const QRect room = parentWidget()->screen()->availableGeometry();
    QPoint at(place.left(), place.top() - height() - 4);
    if (at.y() < room.top())
        at.setY(place.bottom() + 4);
    at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - width())));
    move(at);
    QWidget::show();
}

QString CallHintLabel::text() const
{
    return m_label->text();
}

} // namespace wr::ui
