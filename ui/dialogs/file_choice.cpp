// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/file_choice.h"

#include <QCoreApplication>
#include <QFileDialog>

namespace wr::ui {
namespace {

void ask(QFileDialog* dialog, PathTaker take)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, dialog, std::move(take));
    dialog->open();
}

} // namespace

void chooseCheckpoint(QWidget* parent, const QString& title, const QString& folder, PathTaker take)
{
    const QString filter = QCoreApplication::translate(
        "FileChoice", "Checkpoints (*.wrck *.safetensors.zst *.safetensors *.index *.ckpt *.pt *.pth *.bin "
                      "*.npz *.npy *.gguf "
                      "*.onnx *.h5 *.hdf5 *.keras *.json checkpoint);;All files (*)");
    auto* dialog = new QFileDialog(parent, title, folder, filter);
    dialog->setFileMode(QFileDialog::ExistingFile);
    ask(dialog, std::move(take));
}

void chooseFolder(QWidget* parent, const QString& title, const QString& folder, PathTaker take)
{
    auto* dialog = new QFileDialog(parent, title, folder);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    ask(dialog, std::move(take));
}

void chooseNewFile(QWidget* parent, const QString& title, const QString& name, const QString& filter,
                   PathTaker take)
{
    auto* dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->selectFile(name);
    ask(dialog, std::move(take));
}

} // namespace wr::ui
