// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/filter_field.h"

#include "app/models/variable_filter.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QStringListModel>
#include <QStyle>

namespace wr::ui {
namespace {
constexpr qsizetype kMostRemembered = 12;
const char* const kSetting = "filters/variables";
} // namespace

FilterField::FilterField(QWidget* parent)
    : QLineEdit(parent), m_completer(new QCompleter(this)), m_words(new QStringListModel(this)),
      m_history(QSettings().value(QLatin1String(kSetting)).toStringList())
{
    m_completer->setModel(m_words);
    m_completer->setWidget(this);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &FilterField::take);
    connect(this, &QLineEdit::textEdited, this, &FilterField::offer);
    connect(&Theme::instance(), &Theme::changed, this, &FilterField::paintAnew);
    setToolTip(help());
}

QString FilterField::help()
{
    return tr("Text, or shape:[*,200]  ndim>=2  bytes>1M  dtype:f32  dev:gpu0  state:uninit  trainable:no  "
              "scope:layer1  re:…  joined by and, or, not, ( )");
}

void FilterField::judge(const app::VariableFilter& filter, bool isEmpty, QLabel* words)
{
    QString message;
    if (!filter.isValid()) {
        const QString place = text().mid(filter.problem().begin, filter.problem().length);
        message = place.isEmpty() ? tr("At the end: %1").arg(filter.problem().message)
                                  : tr("At “%1”: %2").arg(place, filter.problem().message);
    } else if (isEmpty && !filter.isEmpty()) {
        message = tr("No variable is like that.");
    }
    setVerdict(!filter.isValid()   ? Verdict::Wrong
               : filter.isEmpty()  ? Verdict::None
               : message.isEmpty() ? Verdict::Fits
                                   : Verdict::FitsNothing,
               message);
    words->setProperty("role", filter.isValid() ? QStringLiteral("warning") : QStringLiteral("bad"));
    words->style()->unpolish(words);
    words->style()->polish(words);
    words->setText(message);
    words->setVisible(!message.isEmpty());
}

void FilterField::setVerdict(Verdict verdict, const QString& message)
{
    m_verdict = verdict;
    setAccessibleDescription(message);
    setToolTip(message.isEmpty() ? help() : message);
    paintAnew();
}

void FilterField::paintAnew()
{
    const Colours& colours = Theme::instance().colours();
    const QColor frame = m_verdict == Verdict::Fits          ? colours.good
                         : m_verdict == Verdict::FitsNothing ? colours.warning
                                                             : colours.bad;
    setStyleSheet(
        m_verdict == Verdict::None
            ? QString()
            : QStringLiteral("QLineEdit, QLineEdit:focus { border: 1px solid %1; }").arg(frame.name()));
}

void FilterField::offer()
{
    const app::VariableFilter::Completion completion =
        app::VariableFilter::complete(text(), cursorPosition());
    m_wordBegin = completion.begin;
    m_words->setStringList(completion.words);
    if (completion.words.isEmpty())
        m_completer->popup()->hide();
    else
        m_completer->complete();
}

void FilterField::take(const QString& word)
{
    const QString before = text().left(m_wordBegin) + word;
    setText(before + text().mid(cursorPosition()));
    setCursorPosition(static_cast<int>(before.size()));
    if (word.endsWith(u':'))
        offer();
}

void FilterField::remember()
{
    const QString filter = text().trimmed();
    if (filter.isEmpty() || m_verdict == Verdict::Wrong)
        return;
    m_history.removeAll(filter);
    m_history.prepend(filter);
    m_history = m_history.mid(0, kMostRemembered);
    QSettings().setValue(QLatin1String(kSetting), m_history);
}

void FilterField::showHistory()
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const QString& filter : std::as_const(m_history)) {
        QString shown = filter;
        menu->addAction(shown.replace(u'&', QLatin1String("&&")), this, [this, filter] { setText(filter); });
    }
    if (m_history.isEmpty())
        menu->addAction(tr("No earlier filters"))->setEnabled(false);
    menu->popup(mapToGlobal(rect().bottomLeft()));
}

void FilterField::keyPressEvent(QKeyEvent* event)
{
    const bool isOpen = m_completer->popup()->isVisible();
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (isOpen) { // the list takes it
            event->ignore();
            return;
        }
        remember();
        emit done();
        return;
    case Qt::Key_Escape:
        if (isOpen)
            break;
        if (text().isEmpty())
            emit abandoned();
        clear();
        return;
    case Qt::Key_Down:
        if (!isOpen) {
            showHistory();
            return;
        }
        break;
    default:
        break;
    }
    QLineEdit::keyPressEvent(event);
}

} // namespace wr::ui
