// SPDX-License-Identifier: GPL-3.0-or-later
// A learning rate: steps by 1, 2, 5 within each power of ten. UI thread.
#pragma once

#include <QDoubleSpinBox>

namespace wr::ui {

class RateSpin : public QDoubleSpinBox {
    Q_OBJECT
public:
    explicit RateSpin(QWidget* parent = nullptr);
    void stepBy(int steps) override;
    /// Where the script computes the rate, for the tool tip; empty: it can be set here.
    void setSource(const QString& source);
    QString textFromValue(double value) const override;
    double valueFromText(const QString& text) const override;
    QValidator::State validate(QString& text, int& position) const override;
};

} // namespace wr::ui
