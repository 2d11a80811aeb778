// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/slice_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QSpinBox>
#include <algorithm>
#include <limits>
#include <utility>

namespace wr::ui {

SliceBar::SliceBar(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    hide();
}

void SliceBar::setDims(const QVector<qint64>& dims)
{
    if (dims == m_dims)
        return; // the same place of another tensor of this shape
    m_dims = dims;
    m_choice = app::SliceChoice::of(dims);
    rebuild();
}

void SliceBar::setChoice(const app::SliceChoice& choice)
{
    m_choice = choice;
    rebuild();
    emit changed();
}

void SliceBar::rebuild()
{
    delete m_content;
    m_content = nullptr;
    constexpr qsizetype kLeast = 3; // of fewer axes all are seen
    setVisible(m_dims.size() >= kLeast);
    if (m_dims.size() < kLeast)
        return;
    m_content = new QWidget(this);
    auto* rows = new QVBoxLayout(m_content);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(4);
    auto* axes = new QHBoxLayout;
    axes->setSpacing(8);
    const auto axisChoice = [&](const QString& name, bool isRow, int current) {
        axes->addWidget(new QLabel(name, m_content));
        auto* box = new QComboBox(m_content);
        box->setAccessibleName(name);
        for (qsizetype axis = 0; axis < m_dims.size(); ++axis)
            box->addItem(tr("axis %1 (%2)").arg(axis).arg(m_dims[axis]));
        box->setCurrentIndex(current);
        connect(box, &QComboBox::activated, this, [this, isRow](int axis) { choose(isRow, axis); });
        axes->addWidget(box);
    };
    axisChoice(tr("Rows"), true, m_choice.rowAxis);
    axisChoice(tr("Columns"), false, m_choice.columnAxis);
    axes->addStretch(1);
    rows->addLayout(axes);
    for (int axis = 0; axis < static_cast<int>(m_dims.size()); ++axis) {
        if (axis == m_choice.rowAxis || axis == m_choice.columnAxis)
            continue;
        constexpr qint64 kMost = std::numeric_limits<int>::max();
        const int last = static_cast<int>(std::clamp<qint64>(m_dims[axis] - 1, 0, kMost));
        auto* line = new QHBoxLayout;
        line->setSpacing(8);
        line->addWidget(new QLabel(tr("axis %1").arg(axis), m_content));
        auto* slider = new QSlider(Qt::Horizontal, m_content);
        slider->setRange(0, last);
        slider->setValue(static_cast<int>(m_choice.at[axis]));
        slider->setAccessibleName(tr("axis %1").arg(axis));
        auto* number = new QSpinBox(m_content);
        number->setRange(0, last);
        number->setValue(static_cast<int>(m_choice.at[axis]));
        number->setSuffix(tr(" of %1").arg(m_dims[axis]));
        connect(slider, &QSlider::valueChanged, number, &QSpinBox::setValue);
        connect(number, &QSpinBox::valueChanged, slider, &QSlider::setValue);
        connect(number, &QSpinBox::valueChanged, this, [this, axis](int value) {
            m_choice.at[axis] = value;
            emit changed();
        });
        line->addWidget(slider, 1);
        line->addWidget(number);
        rows->addLayout(line);
    }
    layout()->addWidget(m_content);
}

void SliceBar::transpose()
{
    app::SliceChoice next = m_choice;
    std::swap(next.rowAxis, next.columnAxis);
    setChoice(next);
}

/// The axis that is taken from the other side gets that side's place.
void SliceBar::choose(bool isRow, int axis)
{
    app::SliceChoice next = m_choice;
    int& own = isRow ? next.rowAxis : next.columnAxis;
    int& other = isRow ? next.columnAxis : next.rowAxis;
    if (axis == other)
        other = own;
    own = axis;
    if (next != m_choice)
        // Later: the box that was just used is made anew.
        QMetaObject::invokeMethod(
            this, [this, next] { setChoice(next); }, Qt::QueuedConnection);
}

} // namespace wr::ui
