// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/filter_field.h"

#include "app/models/tensor_filter.h"
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
QString settingOf(const QString& id)
{
    return QStringLiteral("filters/") + id;
}
} // namespace

FilterSubject FilterSubject::variables()
{
    return {QStringLiteral("variables"), app::VariableFilter::words(),
            FilterField::tr("Text, or shape:[*,200]  ndim>=2  bytes>1M  dtype:f32  dev:gpu0  state:uninit  "
                            "trainable:no  scope:layer1  re:…  joined by and, or, not, ( )"),
            FilterField::tr("No variable is like that.")};
}

FilterSubject FilterSubject::tensors()
{
    return {QStringLiteral("tensors"), app::TensorFilter::words(),
            FilterField::tr("Text, or shape:[*,200]  ndim>=2  bytes>1M  dtype:bf16  scope:layer1  nan>0  "
                            "zero>0.5  absmax>10  re:…  joined by and, or, not, ( )"),
            FilterField::tr("No tensor is like that.")};
}

FilterField::FilterField(const FilterSubject& subject, QWidget* parent)
    : QLineEdit(parent), m_subject(subject), m_completer(new QCompleter(this)),
      m_words(new QStringListModel(this)), m_history(QSettings().value(settingOf(subject.id)).toStringList())
{
    m_completer->setModel(m_words);
    m_completer->setWidget(this);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &FilterField::take);
    connect(this, &QLineEdit::textEdited, this, &FilterField::offer);
    connect(&Theme::instance(), &Theme::changed, this, &FilterField::paintAnew);
    setToolTip(m_subject.help);
}

void FilterField::judge(const app::FilterTree::Problem& problem, bool asks, bool isEmpty, QLabel* words)
{
    const bool isWrong = !problem.message.isEmpty();
    QString message;
    if (isWrong) {
        const QString place = text().mid(problem.begin, problem.length);
        message = place.isEmpty() ? tr("At the end: %1").arg(problem.message)
                                  : tr("At “%1”: %2").arg(place, problem.message);
    } else if (isEmpty && asks) {
        message = m_subject.fitsNothing;
    }
    setVerdict(isWrong             ? Verdict::Wrong
               : !asks             ? Verdict::None
               : message.isEmpty() ? Verdict::Fits
                                   : Verdict::FitsNothing,
               message);
    words->setProperty("role", isWrong ? QStringLiteral("bad") : QStringLiteral("warning"));
    words->style()->unpolish(words);
    words->style()->polish(words);
    words->setText(message);
    words->setVisible(!message.isEmpty());
}

void FilterField::setVerdict(Verdict verdict, const QString& message)
{
    m_verdict = verdict;
    setAccessibleDescription(message);
    setToolTip(message.isEmpty() ? m_subject.help : message);
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
    const app::FilterCompletion completion = app::completeFilter(m_subject.words, text(), cursorPosition());
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
    QSettings().setValue(settingOf(m_subject.id), m_history);
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
