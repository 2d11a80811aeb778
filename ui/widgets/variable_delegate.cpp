// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/variable_delegate.h"

#include "app/document/quantity.h"
#include "app/models/variable_table_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/cell_bubble.h"
#include "ui/widgets/life_ring.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QTableView>

namespace wr::ui {
namespace {

using Model = app::VariableTableModel;

/// A triangle with a "!".
void paintWarning(QPainter* painter, const QPointF& centre)
{
    const Colours& colours = Theme::instance().colours();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath sign;
    sign.moveTo(centre.x(), centre.y() - 6);
    sign.lineTo(centre.x() + 7, centre.y() + 6);
    sign.lineTo(centre.x() - 7, centre.y() + 6);
    sign.closeSubpath();
    painter->setPen(QPen(colours.warning, 1.4));
    painter->setBrush(colours.warningFill);
    painter->drawPath(sign);
    painter->drawLine(QPointF(centre.x(), centre.y() - 1.5), QPointF(centre.x(), centre.y() + 1.5));
    painter->drawPoint(QPointF(centre.x(), centre.y() + 4));
    painter->restore();
}

} // namespace

VariableDelegate::VariableDelegate(app::VariableTableModel* model, QTableView* table)
    : QStyledItemDelegate(table), m_model(model), m_table(table), m_bubble(new CellBubble(table))
{
    connect(model, &Model::editRefused, this, [this](const app::Explanation& explanation) {
        m_refusal = explanation.why.isEmpty() ? explanation.what : explanation.why;
    });
}

void VariableDelegate::setCompanions(std::function<QStringList(const QModelIndex&)> companions)
{
    m_companions = std::move(companions);
}

void VariableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QWidget* widget = option.widget;
    QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    if (index.column() == Model::StateColumn) {
        const QString text = cell.text;
        cell.text.clear();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
        const QRect box = option.rect;
        constexpr int kRing = 16;
        paintLifeRing(painter, QPointF(box.left() + kRing, box.center().y() + 0.5),
                      static_cast<app::VariableLife>(index.data(Model::LifeRole).toInt()));
        painter->setPen(Theme::instance().colours().text);
        painter->drawText(box.adjusted(kRing + 12, 0, -4, 0), Qt::AlignVCenter | Qt::AlignLeft,
                          option.fontMetrics.elidedText(text, Qt::ElideRight, box.width() - kRing - 16));
        return;
    }
    const bool hasMark =
        index.column() == Model::NameColumn && !index.data(Model::WarningRole).toString().isEmpty();
    if (!index.data(Model::ReadOnlyReasonRole).toString().isEmpty() || index.data(Model::MutedRole).toBool())
        cell.palette.setColor(QPalette::Text, Theme::instance().colours().muted);
    if (index.column() == Model::DeviceColumn && cell.text.isEmpty()) {
        cell.text = tr("anywhere");
        cell.palette.setColor(QPalette::Text, Theme::instance().colours().muted);
    }
    if (hasMark) {
        constexpr int kMark = 22;
        const QString name = cell.text;
        cell.text.clear();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
        paintWarning(painter, QPointF(option.rect.left() + kMark - 6, option.rect.center().y() + 0.5));
        painter->setPen(Theme::instance().colours().text);
        const QRect rest = option.rect.adjusted(kMark + 6, 0, -8, 0);
        painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                          option.fontMetrics.elidedText(name, Qt::ElideMiddle, rest.width()));
        return;
    }
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
}

QWidget* VariableDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& /*option*/,
                                        const QModelIndex& index) const
{
    auto* self = const_cast<VariableDelegate*>(this); // the view makes editors through a const door
    QWidget* editor = nullptr;
    if (index.column() == Model::DTypeColumn || index.column() == Model::DeviceColumn) {
        auto* box = new QComboBox(parent);
        if (index.column() == Model::DTypeColumn) {
            box->addItems({QStringLiteral("float32"), QStringLiteral("float64"), QStringLiteral("int32"),
                           QStringLiteral("int64"), QStringLiteral("uint8"), QStringLiteral("bool")});
        } else {
            box->setEditable(true);
            box->addItem(QString());
            box->addItems(m_devices);
            box->lineEdit()->setPlaceholderText(tr("anywhere"));
            connect(box, &QComboBox::editTextChanged, self, &VariableDelegate::check);
        }
        editor = box;
    } else {
        auto* line = new QLineEdit(parent);
        line->setFrame(false);
        if (index.column() == Model::ShapeColumn)
            line->setPlaceholderText(tr("784 × 200"));
        if (index.column() == Model::SeedColumn)
            line->setPlaceholderText(tr("by name"));
        if (index.column() == Model::InitializerColumn) {
            line->setPlaceholderText(tr("tf.zeros([10])"));
            QAction* choose =
                line->addAction(Theme::instance().icon(QStringLiteral("init")), QLineEdit::TrailingPosition);
            choose->setToolTip(tr("Choose an initial value (F4)"));
            connect(choose, &QAction::triggered, self,
                    [self, at = QPersistentModelIndex(index)] { emit self->pickerRequested(at); });
        }
        connect(line, &QLineEdit::textChanged, self, &VariableDelegate::check);
        editor = line;
    }
    editor->setAccessibleName(m_model->headerData(index.column(), Qt::Horizontal).toString());
    m_editor = editor;
    m_index = index;
    // The bubble needs the editor's place, which the view gives it later in this turn.
    QMetaObject::invokeMethod(
        self, [self] { self->check(); }, Qt::QueuedConnection);
    return editor;
}

void VariableDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                            const QModelIndex& /*index*/) const
{
    // Short columns give their editors room to the right, as far as the table goes.
    constexpr int kNarrowest = 140;
    QRect cell = option.rect;
    const int room = m_table->viewport()->width() - cell.left();
    cell.setWidth(std::max(cell.width(), std::min(room, kNarrowest)));
    editor->setGeometry(cell);
}

void VariableDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    if (m_isCommitting)
        return; // what was typed stays until it is taken
    const QString value = index.data(Qt::EditRole).toString();
    if (auto* box = qobject_cast<QComboBox*>(editor)) {
        if (box->findText(value) < 0 && !box->isEditable())
            box->addItem(value);
        box->setCurrentIndex(box->findText(value));
        if (box->isEditable())
            box->setEditText(value);
    } else if (auto* line = qobject_cast<QLineEdit*>(editor)) {
        if (line->text() != value)
            line->setText(value);
    }
}

QString VariableDelegate::editedText() const
{
    if (const auto* box = qobject_cast<QComboBox*>(m_editor))
        return box->currentText();
    const auto* line = qobject_cast<QLineEdit*>(m_editor);
    return line == nullptr ? QString() : line->text();
}

/// Says under the cell what is wrong with its text, or what the keys do.
void VariableDelegate::check()
{
    if (!m_editor || !m_index.isValid() || !m_editor->isVisible())
        return;
    const QString text = editedText();
    const bool isChanged = text != m_index.data(Qt::EditRole).toString();
    const QString problem = isChanged ? m_model->problemOf(m_index, text) : QString();
    const Colours& colours = Theme::instance().colours();
    const QString frame = problem.isEmpty()
                              ? QString()
                              : QStringLiteral("QLineEdit, QLineEdit:focus, QComboBox { border: 2px "
                                               "solid %1; }")
                                    .arg(colours.bad.name());
    if (m_editor->styleSheet() != frame)
        m_editor->setStyleSheet(frame);
    const QStringList companions =
        m_companions && Model::isShared(m_index.column()) ? m_companions(m_index) : QStringList();
    if (!problem.isEmpty())
        m_bubble->say(problem, CellBubble::Tone::Problem, m_editor);
    else if (companions.size() > 1)
        m_bubble->say(
            tr("Enter: this row · Ctrl+Enter: all %1 selected rows").arg(app::countText(companions.size())),
            CellBubble::Tone::Note, m_editor);
    else
        m_bubble->hide();
}

bool VariableDelegate::commit(bool isForAll)
{
    if (!m_editor || !m_index.isValid() || m_isCommitting)
        return true;
    const QPointer<QWidget> editor = m_editor;
    const QString text = editedText();
    QStringList names;
    if (isForAll && m_companions && Model::isShared(m_index.column()))
        names = m_companions(m_index);
    if (names.size() < 2 && text == m_index.data(Qt::EditRole).toString())
        return true; // leaving a cell as it was is no edit
    m_refusal = m_model->problemOf(m_index, text);
    bool isTaken = false;
    if (m_refusal.isEmpty()) {
        m_isCommitting = true;
        isTaken = names.size() > 1 ? m_model->setValues(names, m_index.column(), text)
                                   : m_model->setData(m_index, text, Qt::EditRole);
        m_isCommitting = false;
    }
    if (!isTaken && editor) {
        const QString frame =
            QStringLiteral("QLineEdit, QLineEdit:focus, QComboBox { border: 2px solid %1; }")
                .arg(Theme::instance().colours().bad.name());
        editor->setStyleSheet(frame);
        m_bubble->say(m_refusal, CellBubble::Tone::Problem, editor);
    }
    return isTaken;
}

void VariableDelegate::setModelData(QWidget* editor, QAbstractItemModel* /*model*/,
                                    const QModelIndex& /*index*/) const
{
    auto* self = const_cast<VariableDelegate*>(this);
    if (editor == m_editor)
        self->commit(false);
}

bool VariableDelegate::eventFilter(QObject* watched, QEvent* event)
{
    auto* editor = qobject_cast<QWidget*>(watched);
    if (editor == nullptr || editor != m_editor)
        return QStyledItemDelegate::eventFilter(watched, event);
    if (event->type() == QEvent::FocusOut) {
        // Focus within the editor, its list or its menu is no leaving.
        const QWidget* focus = QApplication::focusWidget();
        const bool isInside = focus == editor || editor->isAncestorOf(focus);
        if (isInside || QApplication::activePopupWidget() != nullptr || !editor->isVisible())
            return false;
        if (!commit(false))
            return false; // it stays, with its reason, until Esc or a text that can be taken
        emit closeEditor(editor, NoHint);
        return false;
    }
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)
        return QStyledItemDelegate::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    const bool isTab = key->key() == Qt::Key_Tab || key->key() == Qt::Key_Backtab;
    const bool isPicker = key->key() == Qt::Key_F4 && m_index.column() == Model::InitializerColumn;
    if (event->type() == QEvent::ShortcutOverride) {
        if (isReturn || isTab || isPicker) {
            event->accept();
            return true;
        }
        return QStyledItemDelegate::eventFilter(watched, event);
    }
    if (isPicker) {
        emit pickerRequested(m_index);
        return true;
    }
    if (!isReturn && !isTab)
        return QStyledItemDelegate::eventFilter(watched, event);
    const bool isForAll = isReturn && (key->modifiers() & Qt::ControlModifier) != 0;
    const QPersistentModelIndex index = m_index;
    const QPointer<QWidget> open = editor;
    if (!commit(isForAll))
        return true;
    if (open)
        emit closeEditor(open, NoHint);
    if (isTab && index.isValid())
        emit tabbed(index, key->key() == Qt::Key_Tab);
    return true;
}

} // namespace wr::ui
