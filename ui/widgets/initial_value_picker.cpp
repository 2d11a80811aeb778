// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/initial_value_picker.h"

#include "app/document/quantity.h"
#include "ui/widgets/histogram_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

/// "random_normal" of "tf.random_normal", "glorot_uniform" of its initializer.
QString shortName(const QString& function)
{
    QString name = function.mid(function.lastIndexOf(u'.') + 1);
    if (name.endsWith(QLatin1String("_initializer")))
        name.chop(12);
    return name;
}

} // namespace

InitialValuePicker::InitialValuePicker(const app::VariableRow& variable, int companions, QWidget* parent)
    : QDialog(parent), m_variable(variable), m_forms(new QListWidget(this)), m_fieldPlace(new QFormLayout),
      m_text(new QLineEdit(this)), m_histogram(new HistogramView(this)), m_statistics(new QLabel(this)),
      m_problem(new QLabel(this)), m_forAll(new QCheckBox(this)), m_apply(nullptr)
{
    setWindowTitle(tr("Initial value of %1").arg(variable.name));
    m_forms->setAccessibleName(tr("Initial values"));
    m_forms->setFixedWidth(190);
    m_forms->setSpacing(2);
    m_text->setAccessibleName(tr("Text of the initial value"));
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_statistics->setProperty("role", QStringLiteral("muted"));
    m_statistics->setWordWrap(true);
    m_problem->setProperty("role", QStringLiteral("bad"));
    m_problem->setWordWrap(true);
    m_histogram->setMinimumHeight(130);
    m_forAll->setText(tr("Also for the %1 other selected variables of this shape and type")
                          .arg(app::countText(companions)));
    m_forAll->setChecked(companions > 0);
    m_forAll->setVisible(companions > 0);

    auto* shape = new QLabel(
        tr("%1 · %2 · %3")
            .arg(variable.name, variable.dtype, variable.isIncomplete ? QStringLiteral("…") : variable.shape),
        this);
    shape->setProperty("role", QStringLiteral("title"));
    m_fieldPlace->setContentsMargins(0, 0, 0, 0);
    m_fieldPlace->setHorizontalSpacing(12);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_apply = buttons->addButton(tr("Apply"), QDialogButtonBox::AcceptRole);
    m_apply->setProperty("primary", true);
    m_apply->setDefault(true);

    auto* right = new QVBoxLayout;
    right->setSpacing(8);
    right->addWidget(shape);
    right->addLayout(m_fieldPlace);
    right->addWidget(new QLabel(tr("Will be written:"), this));
    right->addWidget(m_text);
    right->addWidget(m_problem);
    right->addWidget(m_histogram, 1);
    right->addWidget(m_statistics);
    right->addWidget(m_forAll);
    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    top->addWidget(m_forms);
    top->addLayout(right, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(12);
    layout->addLayout(top, 1);
    layout->addWidget(buttons);
    resize(720, 460);

    for (const app::InitialValueForm& form : app::initialValueForms()) {
        if (variable.takesShapeApart && !form.isObject)
            continue;
        auto* item = new QListWidgetItem(shortName(form.function), m_forms);
        item->setToolTip(form.function + (form.label.isEmpty() ? QString() : u'\n' + form.label));
        item->setData(Qt::UserRole, form.function);
    }
    const int known = app::formOf(variable.initializer, &m_form);
    for (int row = 0; known >= 0 && row < m_forms->count(); ++row) {
        if (m_forms->item(row)->data(Qt::UserRole).toString() == m_form.function)
            m_forms->setCurrentRow(row);
    }
    makeFields();
    m_text->setText(variable.isIncomplete ? QString() : variable.initializer);

    m_settle.setSingleShot(true);
    m_settle.setInterval(80);
    connect(&m_settle, &QTimer::timeout, this, &InitialValuePicker::draw);
    connect(m_forms, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row < 0)
            return;
        const QString function = m_forms->item(row)->data(Qt::UserRole).toString();
        for (const app::InitialValueForm& form : app::initialValueForms()) {
            if (form.function == function)
                m_form = form;
        }
        makeFields();
        compose();
    });
    connect(m_text, &QLineEdit::textChanged, this, [this] {
        // A text by hand is the truth; the fields follow where they can.
        app::InitialValueForm form;
        if (!m_isComposing && app::formOf(m_text->text(), &form) >= 0) {
            m_form = form;
            const QSignalBlocker quiet(m_forms);
            for (int row = 0; row < m_forms->count(); ++row) {
                if (m_forms->item(row)->data(Qt::UserRole).toString() == form.function)
                    m_forms->setCurrentRow(row);
            }
            makeFields();
        }
        m_settle.start();
    });
    connect(buttons, &QDialogButtonBox::accepted, this, &InitialValuePicker::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    draw();
    m_forms->setFocus();
}

QString InitialValuePicker::text() const
{
    return m_text->text().trimmed();
}

bool InitialValuePicker::isForCompanions() const
{
    return !m_forAll->isHidden() && m_forAll->isChecked();
}

void InitialValuePicker::makeFields()
{
    while (m_fieldPlace->rowCount() > 0)
        m_fieldPlace->removeRow(0);
    for (qsizetype i = 0; i < m_form.parameters.size(); ++i) {
        const app::InitialValueParameter& parameter = m_form.parameters[i];
        const auto set = [this, i](const QString& value) {
            m_form.parameters[i].value = value;
            compose();
        };
        if (parameter.words.isEmpty()) {
            auto* line = new QLineEdit(parameter.value, this);
            line->setPlaceholderText(parameter.name == QLatin1String("seed") ? tr("by name") : tr("default"));
            line->setAccessibleName(parameter.name);
            line->setMaximumWidth(180);
            connect(line, &QLineEdit::textEdited, this, set);
            m_fieldPlace->addRow(parameter.name, line);
        } else {
            auto* box = new QComboBox(this);
            box->addItem(tr("default"), QString());
            for (const QString& word : parameter.words)
                box->addItem(word, word);
            box->setCurrentIndex(std::max(0, box->findData(parameter.value)));
            box->setAccessibleName(parameter.name);
            box->setMaximumWidth(180);
            connect(box, &QComboBox::currentIndexChanged, this,
                    [box, set] { set(box->currentData().toString()); });
            m_fieldPlace->addRow(parameter.name, box);
        }
    }
}

void InitialValuePicker::compose()
{
    m_isComposing = true;
    m_text->setText(app::initialValueText(m_form,
                                          m_variable.isIncomplete ? QVector<qint64>{1} : m_variable.dims,
                                          m_variable.dtype, m_variable.takesShapeApart));
    m_isComposing = false;
}

void InitialValuePicker::draw()
{
    m_drawer.start(
        [text = text(), variable = m_variable](const app::JobTracker::Context&) {
            return app::drawInitialValue(text, variable.dims, variable.name, variable.takesShapeApart);
        },
        [this](app::InitialValueSample sample) { show(std::move(sample)); });
}

void InitialValuePicker::show(app::InitialValueSample sample)
{
    m_sample = std::move(sample);
    const bool isGood = m_sample.problem.isEmpty();
    m_problem->setText(m_sample.problem);
    m_problem->setVisible(!isGood);
    m_apply->setEnabled(!text().isEmpty());
    m_histogram->setBins(m_sample.bins, m_sample.low, m_sample.high);
    if (!isGood) {
        m_statistics->clear();
        return;
    }
    QString text = tr("mean %1 · σ %2 · from %3 to %4")
                       .arg(app::valueText(m_sample.mean), app::valueText(m_sample.stddev),
                            app::valueText(m_sample.min), app::valueText(m_sample.max));
    text +=
        tr("\nfan-in %1 · fan-out %2").arg(app::countText(m_sample.fanIn), app::countText(m_sample.fanOut));
    text += m_sample.isCapped ? tr(" · drawn for %1 only").arg(m_sample.shape)
                              : tr(" · all %1 values").arg(app::countText(m_sample.count));
    m_statistics->setText(text);
}

void InitialValuePicker::accept()
{
    if (text().isEmpty())
        return;
    emit chosen(text(), isForCompanions());
    QDialog::accept();
}

} // namespace wr::ui
