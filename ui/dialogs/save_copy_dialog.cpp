// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/save_copy_dialog.h"

#include "app/document/quantity.h"
#include "ui/dialogs/file_choice.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

constexpr int kSettleMilliseconds = 150;

/// "model" of "model.safetensors.zst".
QString stemOf(const QString& path)
{
    QString name = QFileInfo(path).fileName();
    for (const char* extension : {".zst", ".safetensors", ".wrck", ".pt", ".pth", ".bin", ".npz", ".index",
                                  ".gguf", ".onnx", ".h5", ".keras"}) {
        if (name.endsWith(QLatin1String(extension)))
            name.chop(static_cast<int>(qstrlen(extension)));
    }
    return name;
}

} // namespace

SaveCopyDialog::SaveCopyDialog(const QString& path, QWidget* parent)
    : QDialog(parent), m_path(path), m_format(new QComboBox(this)), m_type(new QComboBox(this)),
      m_target(new QLineEdit(this)), m_replace(new QCheckBox(tr("Replace the file that is there"), this)),
      m_words(new QLabel(this))
{
    setWindowTitle(tr("Save a copy of “%1”").arg(QFileInfo(path).fileName()));
    setMinimumWidth(560);
    for (const app::CopyFormat& format : app::copyFormats()) {
        m_format->addItem(format.extension == QLatin1String("/")
                              ? format.words
                              : tr("%1 (%2)").arg(format.words, format.extension),
                          format.extension);
        m_format->setItemData(m_format->count() - 1, format.purpose, Qt::ToolTipRole);
    }
    m_type->addItem(tr("as they are"), QString());
    for (const char* type : {"float32", "float16", "bfloat16", "float64"})
        m_type->addItem(QLatin1String(type), QLatin1String(type));
    m_type->setToolTip(tr("Whole numbers and truth values stay what they are"));
    m_words->setWordWrap(true);
    m_words->setTextFormat(Qt::PlainText);
    m_words->setProperty("role", QStringLiteral("muted"));
    constexpr int kLines = 3;
    m_words->setMinimumHeight(m_words->fontMetrics().lineSpacing() * kLines);
    m_words->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_replace->hide();
    auto* choose = new QPushButton(tr("Choose…"), this);
    connect(choose, &QPushButton::clicked, this, &SaveCopyDialog::browse);
    auto* place = new QHBoxLayout;
    place->addWidget(m_target, 1);
    place->addWidget(choose);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(8);
    form->addRow(tr("Format"), m_format);
    form->addRow(tr("Floating weights"), m_type);
    form->addRow(tr("File"), place);
    form->addRow(QString(), m_replace);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    buttons->button(QDialogButtonBox::Cancel)->setIcon(QIcon());
    m_save = new QPushButton(tr("Save a copy"), this);
    m_save->setProperty("primary", true);
    buttons->addButton(m_save, QDialogButtonBox::AcceptRole);
    m_save->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addLayout(form);
    layout->addWidget(m_words);
    layout->addWidget(buttons);

    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMilliseconds);
    connect(&m_settle, &QTimer::timeout, this, &SaveCopyDialog::forecast);
    connect(m_format, &QComboBox::currentIndexChanged, this, &SaveCopyDialog::useFormat);
    connect(m_type, &QComboBox::currentIndexChanged, this, [this] { m_settle.start(); });
    connect(m_target, &QLineEdit::textChanged, this, [this] {
        m_save->setEnabled(false);
        m_settle.start();
    });
    connect(m_replace, &QCheckBox::toggled, this, [this] { m_settle.start(); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        emit chosen(request());
        accept();
    });
    const bool isOwn = path.endsWith(QLatin1String(".wrck"));
    m_format->setCurrentIndex(isOwn ? 1 : 0);
    useFormat();
}

app::CopyRequest SaveCopyDialog::request() const
{
    app::CopyRequest request;
    request.path = m_path;
    request.out = QFileInfo(QDir::fromNativeSeparators(m_target->text().trimmed())).filePath();
    request.dtype = m_type->currentData().toString();
    request.replace = m_replace->isVisibleTo(this) && m_replace->isChecked();
    return request;
}

QString SaveCopyDialog::words() const
{
    return m_words->text();
}

/// Beside the original, under its name.
void SaveCopyDialog::useFormat()
{
    const QString extension = m_format->currentData().toString();
    const QString before = m_target->text().isEmpty() ? m_path : m_target->text();
    const QDir folder = QFileInfo(before.endsWith(u'/') ? before.chopped(1) : before).absoluteDir();
    QString name = stemOf(before.endsWith(u'/') ? before.chopped(1) : before);
    if (folder.filePath(name + extension) == m_path)
        name += tr("-copy");
    m_target->setText(QDir::toNativeSeparators(folder.filePath(name + extension)));
    m_settle.start();
}

void SaveCopyDialog::browse()
{
    chooseNewFile(this, tr("Save a copy"), m_target->text(), tr("All files (*)"),
                  [this](const QString& path) { m_target->setText(QDir::toNativeSeparators(path)); });
}

void SaveCopyDialog::forecast()
{
    const app::CopyRequest request = this->request();
    if (request.out.isEmpty()) {
        m_words->setText(tr("Give the file a name."));
        m_save->setEnabled(false);
        return;
    }
    m_forecaster.start(
        [request](const app::JobTracker::Context&) {
            app::CopyForecast forecast = app::forecastCopy(request);
            if (forecast.problem.isEmpty() && QFileInfo::exists(request.out) && !request.replace)
                forecast.problem = {
                    tr("“%1” is there already.").arg(QFileInfo(request.out).fileName()), {}, {}};
            return forecast;
        },
        [this](const app::CopyForecast& forecast) { show(forecast); });
}

void SaveCopyDialog::show(const app::CopyForecast& forecast)
{
    const QFileInfo there(request().out);
    m_replace->setVisible(there.isFile());
    m_save->setEnabled(forecast.problem.isEmpty());
    if (!forecast.problem.isEmpty()) {
        m_words->setText(forecast.problem.what + u' ' + forecast.problem.why);
        return;
    }
    QStringList words{
        (forecast.isAtMost ? tr("%1, at most %2") : tr("%1, about %2"))
            .arg(app::countOf(forecast.tensors, tr("tensor"), tr("tensors")), app::byteText(forecast.bytes))};
    words += app::copyFormats()[m_format->currentIndex()].purpose;
    words += forecast.notes;
    m_words->setText(words.join(u'\n'));
}

} // namespace wr::ui
