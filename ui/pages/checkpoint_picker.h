// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses one checkpoint: from the project's list, by a file dialog, or by dropping a file. UI thread.
#pragma once

#include <QWidget>

class QComboBox;

namespace wr::ui {

class Workspace;

class CheckpointPicker : public QWidget {
    Q_OBJECT
public:
    CheckpointPicker(Workspace* workspace, const QString& label, QWidget* parent = nullptr);
    QString path() const;
    void setPath(const QString& path);

signals:
    void pathChanged();

private:
    void refill();

    Workspace* m_workspace;
    QComboBox* m_box;
    QString m_path;
};

} // namespace wr::ui
