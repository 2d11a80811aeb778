// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/quick_look.h"

#include "app/document/quantity.h"
#include "ui/widgets/slice_view.h"

#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr int kPictures = 3;
constexpr int kPicture = 128;
constexpr int kWidth = 452;
/// Larger ones take too long for a glance.
constexpr qint64 kMostElements = qint64{16} << 20;

} // namespace

/// What the job found.
struct QuickLook::Seen {
    struct Picture {
        QString name;
        std::shared_ptr<const app::TensorSlice> slice;
    };
    QString problem;
    qint64 tensors = 0;
    qint64 elements = 0;
    qint64 nonFinite = 0;
    QString format;
    QMap<QString, QString> metadata;
    QVector<Picture> pictures;
};

QuickLook::QuickLook(QWidget* parent)
    : QFrame(parent), m_title(new QLabel(this)), m_facts(new QFormLayout), m_pictures(new QHBoxLayout)
{
    setProperty("role", QStringLiteral("card"));
    setObjectName(QStringLiteral("quickLook"));
    setAttribute(Qt::WA_StyledBackground);
    hide();
    setFixedWidth(kWidth);
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setTextFormat(Qt::PlainText);
    m_facts->setHorizontalSpacing(14);
    m_facts->setVerticalSpacing(3);
    m_pictures->setSpacing(12);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 14);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addLayout(m_facts);
    layout->addLayout(m_pictures);
}

void QuickLook::addFact(const QString& what, const QString& value)
{
    if (value.isEmpty())
        return;
    auto* name = new QLabel(what, this);
    name->setProperty("role", QStringLiteral("muted"));
    auto* words = new QLabel(value, this);
    words->setTextFormat(Qt::PlainText);
    words->setWordWrap(true);
    m_facts->addRow(name, words);
    // Now rather than with the next events, so that the size is right at once.
    name->show();
    words->show();
}

void QuickLook::tell(const app::CheckpointRow& row, const Seen* seen)
{
    while (m_facts->rowCount() > 0)
        m_facts->removeRow(0);
    m_title->setText(row.fileName);
    if (row.step >= 0)
        addFact(tr("Step"), tr("%1, loss %2").arg(app::countText(row.step), app::valueText(row.loss)));
    if (row.testAccuracy >= 0.0)
        addFact(tr("Test accuracy"), app::valueText(row.testAccuracy * 100.0) + QStringLiteral(" %"));
    if (row.savedAt.isValid())
        addFact(tr("Saved"), row.savedAt.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")));
    addFact(tr("File"), row.format.isEmpty() ? app::byteText(row.bytes)
                                             : tr("%1, %2").arg(row.format, app::byteText(row.bytes)));
    addFact(tr("Tags"), row.note.tags.join(QStringLiteral(", ")));
    addFact(tr("Note"), row.note.text);
    if (!row.problem.isEmpty())
        addFact(tr("Problem"), row.problem);
    if (seen == nullptr) {
        addFact(tr("Tensors"), tr("reading…"));
        return;
    }
    if (!seen->problem.isEmpty()) {
        addFact(tr("Problem"), seen->problem);
        return;
    }
    addFact(tr("Tensors"),
            tr("%1, %2 elements").arg(app::countText(seen->tensors), app::countText(seen->elements)));
    if (seen->nonFinite > 0)
        addFact(tr("NaN or Inf"), app::countOf(seen->nonFinite, tr("value"), tr("values")));
    const QString parent = seen->metadata.value(QStringLiteral("parent"));
    addFact(tr("Goes on from"), QFileInfo(parent).fileName());
    constexpr qsizetype kOfId = 8;
    addFact(tr("Training"), seen->metadata.value(QStringLiteral("run_id")).left(kOfId));
}

void QuickLook::fill(const Seen& seen)
{
    while (QLayoutItem* item = m_pictures->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const Seen::Picture& picture : seen.pictures) {
        auto* place = new QWidget(this);
        auto* view = new SliceView(place);
        view->setFixedSize(kPicture, kPicture);
        view->setAttribute(Qt::WA_TransparentForMouseEvents);
        view->setFocusPolicy(Qt::NoFocus);
        view->setSlice(picture.slice);
        const double largest = std::max(std::abs(picture.slice->low()), std::abs(picture.slice->high()));
        view->setRange(-largest, largest);
        auto* name = new QLabel(place);
        name->setText(name->fontMetrics().elidedText(picture.name, Qt::ElideMiddle, kPicture));
        name->setProperty("role", QStringLiteral("muted"));
        name->setTextFormat(Qt::PlainText);
        auto* column = new QVBoxLayout(place);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(2);
        column->addWidget(view);
        column->addWidget(name);
        m_pictures->addWidget(place);
        place->show();
    }
    m_pictures->addStretch();
}

void QuickLook::look(const app::CheckpointRow& row)
{
    m_row = row;
    tell(row, nullptr);
    fill({});
    fit();
    m_reader.start(
        [path = row.path](const app::JobTracker::Context& context) {
            Seen seen;
            const app::CheckpointFile::Opened opened = app::CheckpointFile::open(path);
            if (!opened.file) {
                seen.problem = opened.problem.why;
                return seen;
            }
            const app::CheckpointFile& file = *opened.file;
            seen.tensors = file.tensorCount();
            seen.format = file.format();
            seen.metadata = file.metadata();
            struct Sized {
                qint64 elements;
                int tensor;
            };
            QVector<Sized> matrices;
            constexpr int kMostCounted = 100000;
            for (int tensor = 0; tensor < file.tensorCount() && !context.isCancelled(); ++tensor) {
                const qint64 elements = file.columns().elements(tensor);
                seen.elements += elements;
                if (tensor < kMostCounted)
                    seen.nonFinite += file.tensor(tensor).nonFinite();
                if (file.columns().dims(tensor).size() == 2 && elements <= kMostElements && elements > 0)
                    matrices += {elements, tensor};
            }
            const auto shown = std::min<qsizetype>(kPictures, matrices.size());
            std::partial_sort(matrices.begin(), matrices.begin() + shown, matrices.end(),
                              [&file](const Sized& a, const Sized& b) {
                                  // Slots of an optimizer have the longer names.
                                  return a.elements != b.elements
                                             ? a.elements > b.elements
                                             : file.columns().rawName(a.tensor).size() <
                                                   file.columns().rawName(b.tensor).size();
                              });
            for (qsizetype i = 0; i < shown && !context.isCancelled(); ++i) {
                const int tensor = matrices[i].tensor;
                const auto loaded =
                    app::TensorSlice::load(file, tensor, app::SliceChoice::of(file.columns().dims(tensor)),
                                           [&context] { return !context.isCancelled(); });
                if (loaded.slice)
                    seen.pictures += {file.columns().name(tensor), loaded.slice};
            }
            return seen;
        },
        [this](const Seen& seen) {
            tell(m_row, &seen);
            fill(seen);
            fit();
        });
}

void QuickLook::fit()
{
    layout()->activate();
    resize(kWidth, layout()->totalHeightForWidth(kWidth));
}

void QuickLook::showAt(const QPoint& place)
{
    const QSize room = parentWidget()->size();
    // What it will grow by is not known yet.
    constexpr int kMostHeight = 400;
    move(std::clamp(place.x(), 0, std::max(0, room.width() - width())),
         std::clamp(place.y(), 0, std::max(0, room.height() - kMostHeight)));
    show();
    fit();
    raise();
}

void QuickLook::hideEvent(QHideEvent* event)
{
    m_reader.cancel();
    QFrame::hideEvent(event);
}

QString QuickLook::text() const
{
    QStringList words{m_title->text()};
    for (int row = 0; row < m_facts->rowCount(); ++row) {
        for (const auto role : {QFormLayout::LabelRole, QFormLayout::FieldRole})
            words += static_cast<QLabel*>(m_facts->itemAt(row, role)->widget())->text();
    }
    return words.join(u'\n');
}

} // namespace wr::ui
