// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the curves of a training to a file that the user chooses. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QString>
#include <functional>

class QMenu;
class QWidget;

namespace wr::ui {

class Workspace;

/// CSV, PNG, SVG and TensorBoard events; `noted` and `complained` are told how it went.
QMenu* makeExportMenu(Workspace* workspace, QWidget* window, const std::function<void(const QString&)>& noted,
                      const std::function<void(const app::Explanation&)>& complained);

} // namespace wr::ui
