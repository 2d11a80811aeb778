// SPDX-License-Identifier: GPL-3.0-or-later
// Which two axes of a tensor are looked at, and where the others stand. Hidden where there is nothing to
// choose. UI thread.
#pragma once

#include "app/library/tensor_slice.h"

#include <QWidget>

class QComboBox;
class QGridLayout;
class QSpinBox;

namespace wr::ui {

class SliceBar : public QWidget {
    Q_OBJECT
public:
    explicit SliceBar(QWidget* parent = nullptr);
    void setDims(const QVector<qint64>& dims); ///< chooses the last two
    const app::SliceChoice& choice() const { return m_choice; }
    void setChoice(const app::SliceChoice& choice);
    void transpose();

signals:
    void changed();

private:
    void rebuild();
    void choose(bool isRow, int axis);

    QVector<qint64> m_dims;
    app::SliceChoice m_choice;
    QWidget* m_content = nullptr;
};

} // namespace wr::ui
