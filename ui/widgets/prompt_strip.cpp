// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/prompt_strip.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>

namespace wr::ui {

PromptStrip::PromptStrip(QWidget* parent)
    : QFrame(parent), m_label(new QLabel(this)), m_edit(new QLineEdit(this)), m_verdict(new QLabel(this)),
      m_accept(new QPushButton(this))
{
    setProperty("kind", QStringLiteral("info"));
    m_edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_edit->setMinimumWidth(220);
    m_accept->setProperty("primary", true);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setToolTip(tr("Close without a change (Esc)"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 8, 6);
    layout->setSpacing(8);
    layout->addWidget(m_label);
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_verdict, 2);
    layout->addWidget(m_accept);
    layout->addWidget(cancel);
    connect(m_edit, &QLineEdit::textChanged, this, &PromptStrip::judge);
    connect(m_edit, &QLineEdit::returnPressed, this, &PromptStrip::accept);
    connect(m_accept, &QPushButton::clicked, this, &PromptStrip::accept);
    connect(cancel, &QPushButton::clicked, this, &PromptStrip::close);
    hide();
}

void PromptStrip::ask(Question question)
{
    m_question = std::move(question);
    m_label->setText(m_question.label);
    m_edit->setAccessibleName(m_question.label);
    m_accept->setText(m_question.accept);
    m_edit->setText(m_question.text);
    m_edit->selectAll();
    judge();
    show();
    m_edit->setFocus();
}

void PromptStrip::close()
{
    if (isHidden())
        return;
    hide();
    emit closed();
}

QString PromptStrip::verdict() const
{
    return m_verdict->text();
}

void PromptStrip::judge()
{
    const Verdict verdict = m_question.judge ? m_question.judge(m_edit->text()) : Verdict();
    m_verdict->setText(verdict.text);
    m_verdict->setToolTip(verdict.text);
    m_edit->setAccessibleDescription(verdict.text);
    m_accept->setEnabled(verdict.isGood);
    const QString kind = verdict.isGood ? QStringLiteral("info") : QStringLiteral("warning");
    if (property("kind").toString() == kind)
        return;
    setProperty("kind", kind);
    style()->unpolish(this);
    style()->polish(this);
}

void PromptStrip::accept()
{
    if (isHidden() || !m_accept->isEnabled())
        return;
    const QString text = m_edit->text().trimmed();
    const auto accepted = m_question.accepted;
    close();
    if (accepted)
        accepted(text);
}

void PromptStrip::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QFrame::keyPressEvent(event);
}

} // namespace wr::ui
