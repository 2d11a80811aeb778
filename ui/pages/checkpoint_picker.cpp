// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/checkpoint_picker.h"

#include "ui/dialogs/file_choice.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_drop.h"
#include "ui/workspace.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QToolButton>

namespace wr::ui {

CheckpointPicker::CheckpointPicker(Workspace* workspace, const QString& label, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_box(new QComboBox(this))
{
    auto* name = new QLabel(label, this);
    name->setProperty("role", QStringLiteral("title"));
    name->setBuddy(m_box);
    m_box->setAccessibleName(tr("Checkpoint %1").arg(label));
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(16);
    auto* browse = new QToolButton(this);
    Theme::instance().bindIcon(browse, QStringLiteral("open"));
    browse->setToolTip(tr("Choose a file; files can be dropped here too"));
    browse->setAccessibleName(tr("Choose a file for %1").arg(label));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(name);
    layout->addWidget(m_box, 1);
    layout->addWidget(browse);
    connect(m_box, &QComboBox::activated, this,
            [this](int row) { setPath(m_box->itemData(row).toString()); });
    connect(browse, &QToolButton::clicked, this, [this] {
        chooseCheckpoint(this, tr("Choose a checkpoint"), m_workspace->project().checkpointDirectory(),
                         [this](const QString& path) { setPath(path); });
    });
    auto* drop = new FileDrop(this);
    connect(drop, &FileDrop::dropped, this, [this](const QStringList& paths) { setPath(paths.first()); });
    connect(&workspace->library(), &app::CheckpointLibrary::changed, this, &CheckpointPicker::refill);
    refill();
}

QString CheckpointPicker::path() const
{
    return m_path;
}

void CheckpointPicker::setPath(const QString& path)
{
    if (path == m_path)
        return;
    m_path = path;
    refill();
    emit pathChanged();
}

void CheckpointPicker::refill()
{
    const QSignalBlocker blocker(m_box);
    m_box->clear();
    m_box->addItem(tr("Choose a checkpoint"), QString());
    for (const app::CheckpointRow& row : m_workspace->library().rows()) {
        const QString step = row.step >= 0 ? tr("  (step %1)").arg(row.step) : QString();
        m_box->addItem(row.fileName + step, row.path);
    }
    int current = m_box->findData(m_path);
    if (current < 0 && !m_path.isEmpty()) {
        m_box->addItem(QFileInfo(m_path).fileName(), m_path);
        current = m_box->count() - 1;
    }
    m_box->setCurrentIndex(std::max(0, current));
    m_box->setToolTip(m_path);
}

} // namespace wr::ui
