// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for files and folders without an event loop of its own: the answer comes by the function given, or not
// at all when the person changes their mind. UI thread.
#pragma once

#include <QString>
#include <functional>

class QWidget;

namespace wr::ui {

using PathTaker = std::function<void(const QString& path)>;

void chooseCheckpoint(QWidget* parent, const QString& title, const QString& folder, PathTaker take);
void chooseFolder(QWidget* parent, const QString& title, const QString& folder, PathTaker take);
void chooseNewFile(QWidget* parent, const QString& title, const QString& name, const QString& filter,
                   PathTaker take);

} // namespace wr::ui
