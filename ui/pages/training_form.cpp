// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/training_form.h"

#include "app/document/optimizer_edit.h"
#include "app/document/recipe_edit.h"
#include "app/run/preflight.h"
#include "app/run/run_settings.h"
#include "ui/theme/theme.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace wr::ui {

TrainingForm::TrainingForm(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_items(new QVBoxLayout), m_form(new QFormLayout),
      m_summary(new QLabel(this)), m_optimizer(new QComboBox(this)), m_rate(new QLineEdit(this)),
      m_monitor(new QComboBox(this))
{
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 8, 0);
    column->setSpacing(8);
    const auto heading = [&](const QString& text) {
        auto* label = new QLabel(text, content);
        label->setProperty("role", QStringLiteral("title"));
        column->addWidget(label);
    };
    heading(tr("Before the start"));
    m_items->setSpacing(4);
    column->addLayout(m_items);
    heading(tr("What is trained"));
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    column->addWidget(m_summary);
    auto* show = new QPushButton(tr("Show in the script"), content);
    connect(show, &QPushButton::clicked, this, &TrainingForm::showRecipe);
    column->addWidget(show, 0, Qt::AlignLeft);
    heading(tr("Optimizer, data and rules"));
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->setHorizontalSpacing(12);
    m_form->setVerticalSpacing(6);
    column->addLayout(m_form);
    m_optimizer->setObjectName(QStringLiteral("optimizer"));
    m_optimizer->setToolTip(tr("How the variables follow their gradients; the learning rate stays"));
    for (const QString& function : app::optimizerFunctions())
        m_optimizer->addItem(QString(function.section(u'.', -1)).remove(QStringLiteral("Optimizer")),
                             function);
    m_form->addRow(tr("Optimizer"), m_optimizer);
    m_rate->setObjectName(QStringLiteral("learning_rate"));
    m_rate->setToolTip(tr("A number, or a schedule: tf.train.exponential_decay(0.1, step, 1000, 0.9), "
                          "wr.warmup(0.1, step, 500)"));
    m_rate->setAccessibleName(tr("Learning rate of the script"));
    m_form->addRow(tr("Learning rate"), m_rate);
    connect(m_optimizer, &QComboBox::activated, this, [this](int index) {
        change(m_workspace->project().setOptimizer(m_optimizer->itemData(index).toString()));
    });
    connect(m_rate, &QLineEdit::editingFinished, this, [this] {
        if (m_rate->isModified()) {
            m_rate->setModified(false);
            change(m_workspace->project().setOptimizerRate(m_rate->text()));
        }
    });
    addField(QStringLiteral("data"), tr("Data"),
             tr("A name of the script, or wr.data.csv(\"iris.csv\", label=\"species\") and its kin"),
             tr("none"));
    addField(QStringLiteral("batch_size"), tr("Batch size"), tr("Examples a step learns from"),
             QStringLiteral("32"));
    addField(QStringLiteral("epochs"), tr("Epochs"), tr("How often all training examples are seen"),
             tr("no limit"));
    addField(QStringLiteral("steps"), tr("Steps"), tr("End after so many steps"), tr("no limit"));
    addField(QStringLiteral("minutes"), tr("Minutes"), tr("End after so many minutes of training"),
             tr("no limit"));
    addField(QStringLiteral("validate_every"), tr("Validate every … steps"),
             tr("How often the test examples are looked at"), tr("each epoch"));
    addField(QStringLiteral("patience"), tr("Patience"),
             tr("End when so many looks in a row were no better than the best"), tr("no end by it"));
    m_monitor->setObjectName(QStringLiteral("monitor"));
    m_monitor->setToolTip(tr("What “better” is judged by, over the test examples"));
    m_form->addRow(tr("Better by"), m_monitor);
    addField(QStringLiteral("checkpoint_steps"), tr("Save every … steps"),
             tr("A checkpoint every so many steps"), tr("by hand"));
    addField(QStringLiteral("checkpoint_minutes"), tr("Save every … minutes"),
             tr("A checkpoint every so many minutes of training"), tr("by hand"));
    addFlag(QStringLiteral("checkpoint_best"), tr("Keep the best in best.wrck"),
            tr("A checkpoint whenever the test examples went better than ever before"));
    addFlag(QStringLiteral("checkpoint_on_pause"), tr("Save on pause"),
            tr("A checkpoint whenever training is paused"));
    addField(
        QStringLiteral("checkpoint_keep"), tr("Keep the last"),
        tr("How many of the checkpoints that rules saved stay; what you save yourself or star always does"),
        tr("all"));
    addField(QStringLiteral("checkpoint_keep_best"), tr("… and the best"),
             tr("How many of the best stay besides, by what “better” is judged by"), tr("none besides"));
    addField(QStringLiteral("checkpoint_keep_every_hours"), tr("… and one every … hours"),
             tr("One for each so many hours stays besides"), tr("none besides"));
    addFlag(QStringLiteral("checkpoint_deltas"), tr("Save differences"),
            tr("What rules save is written as the difference to the last whole checkpoint, where that is "
               "smaller"));
    column->addStretch(1);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);

    connect(m_monitor, &QComboBox::textActivated, this, [this](const QString& name) {
        set(QStringLiteral("monitor"),
            m_monitor->currentIndex() == 0 ? QString() : QStringLiteral("\"%1\"").arg(name));
    });
    connect(&workspace->project(), &app::Project::modelChanged, this, &TrainingForm::refresh);
    connect(&workspace->run(), &app::RunController::stateChanged, this, &TrainingForm::refreshPreflight);
    refresh();
}

void TrainingForm::addField(const QString& keyword, const QString& label, const QString& tip,
                            const QString& placeholder)
{
    auto* field = new QLineEdit(this);
    field->setObjectName(keyword);
    field->setPlaceholderText(placeholder);
    field->setToolTip(QStringLiteral("%1 (%2=)").arg(tip, keyword));
    field->setAccessibleName(label);
    m_form->addRow(label, field);
    m_fields.append(field);
    connect(field, &QLineEdit::editingFinished, this, [this, field] {
        if (field->isModified()) {
            field->setModified(false);
            set(field->objectName(), field->text());
        }
    });
}

void TrainingForm::addFlag(const QString& keyword, const QString& label, const QString& tip)
{
    auto* flag = new QCheckBox(label, this);
    flag->setObjectName(keyword);
    flag->setToolTip(QStringLiteral("%1 (%2=)").arg(tip, keyword));
    m_form->addRow(flag);
    m_flags.append(flag);
    connect(flag, &QCheckBox::clicked, this,
            [this, keyword](bool isOn) { set(keyword, isOn ? QStringLiteral("True") : QString()); });
}

void TrainingForm::set(const QString& keyword, const QString& value)
{
    change(m_workspace->project().setRecipeArgument(keyword, value));
}

void TrainingForm::change(const app::Explanation& problem)
{
    if (!problem.isEmpty())
        emit complained(problem);
    refresh(); // a refused value goes back to what the script says
}

void TrainingForm::refresh()
{
    const std::shared_ptr<const graph::Model> model = m_workspace->project().model();
    const bool hasRecipe = app::hasRecipe(model.get());
    for (QLineEdit* field : std::as_const(m_fields)) {
        field->setEnabled(hasRecipe);
        if (field->hasFocus() && field->isModified())
            continue;
        const QString value = hasRecipe ? app::recipeArgument(*model, field->objectName()) : QString();
        if (field->text() != value)
            field->setText(value);
    }
    const app::OptimizerText optimizer = hasRecipe ? app::optimizerText(*model) : app::OptimizerText();
    m_optimizer->setEnabled(!optimizer.function.isEmpty());
    m_optimizer->setCurrentIndex(m_optimizer->findData(optimizer.function));
    m_rate->setEnabled(!optimizer.function.isEmpty());
    m_rate->setPlaceholderText(optimizer.function.isEmpty() ? tr("in the script") : tr("its default"));
    if (!(m_rate->hasFocus() && m_rate->isModified()) && m_rate->text() != optimizer.rate)
        m_rate->setText(optimizer.rate);
    for (QCheckBox* flag : std::as_const(m_flags)) {
        flag->setEnabled(hasRecipe);
        flag->setChecked(hasRecipe &&
                         app::recipeArgument(*model, flag->objectName()) == QLatin1String("True"));
    }
    const QString monitor = hasRecipe ? app::recipeArgument(*model, QStringLiteral("monitor")) : QString();
    m_monitor->setEnabled(hasRecipe);
    m_monitor->clear();
    m_monitor->addItem(tr("loss"));
    if (hasRecipe)
        m_monitor->addItems(app::metricNames(*model));
    const int chosen = m_monitor->findText(QString(monitor).remove(u'"').remove(u'\''));
    m_monitor->setCurrentIndex(std::max(0, chosen));
    QString summary;
    if (hasRecipe) {
        const app::RunSettings settings = app::runSettings(*model);
        for (const auto& [name, value] : settings)
            summary += QStringLiteral("<tr><td style='padding-right:12px'>%1</td><td><b>%2</b></td></tr>")
                           .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
        summary = QStringLiteral("<table>") + summary + QStringLiteral("</table>");
    } else {
        summary = tr("Nothing yet: the script has no wr.train(…).").toHtmlEscaped();
    }
    m_summary->setText(summary);
    refreshPreflight();
}

void TrainingForm::refreshPreflight()
{
    const std::shared_ptr<const graph::Model> model = m_workspace->project().model();
    qsizetype errors = 0;
    for (const app::Problem& problem : m_workspace->project().problems())
        errors += problem.severity == app::Problem::Severity::Error ? 1 : 0;
    const QVector<app::PreflightItem> items = app::preflight(model.get(), m_workspace->run().state(), errors);
    QString key;
    for (const app::PreflightItem& item : items)
        key += QString::number(static_cast<int>(item.level)) + item.text + u'\n';
    // While training nothing here changes: no widget is made anew.
    if (key == m_shownItems)
        return;
    m_shownItems = key;
    while (QLayoutItem* old = m_items->takeAt(0)) {
        delete old->widget();
        delete old;
    }
    for (const app::PreflightItem& item : items) {
        auto* row = new QWidget(this);
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(8);
        using Level = app::PreflightItem::Level;
        const Colours& colours = Theme::instance().colours();
        const auto [icon, ink] = item.level == Level::Obstacle  ? std::pair{"error", colours.bad}
                                 : item.level == Level::Warning ? std::pair{"warning", colours.warning}
                                 : item.level == Level::Note    ? std::pair{"info", colours.muted}
                                                                : std::pair{"check", colours.good};
        auto* mark = new QLabel(row);
        mark->setPixmap(Theme::instance().icon(QLatin1String(icon), ink).pixmap(16, 16));
        auto* text = new QLabel(item.text, row);
        text->setWordWrap(true);
        line->addWidget(mark, 0, Qt::AlignTop);
        line->addWidget(text, 1);
        if (item.fix != app::PreflightItem::Fix::None) {
            using Fix = app::PreflightItem::Fix;
            auto* fix = new QPushButton(item.fix == Fix::Init           ? tr("Init")
                                        : item.fix == Fix::ShowProblems ? tr("Problems")
                                                                        : tr("Show"),
                                        row);
            line->addWidget(fix, 0, Qt::AlignTop);
            connect(fix, &QPushButton::clicked, this, [this, kind = item.fix] {
                if (kind == Fix::Init)
                    emit initRequested();
                else if (kind == Fix::ShowProblems)
                    emit problemsRequested();
                else
                    showRecipe();
            });
        }
        m_items->addWidget(row);
    }
}

void TrainingForm::showRecipe()
{
    const auto [begin, end] = m_workspace->project().recipePlace();
    emit textRequested(begin, end);
}

} // namespace wr::ui
