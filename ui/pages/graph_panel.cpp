// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/graph_panel.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/graph_legend.h"
#include "ui/widgets/graph_view.h"
#include "ui/workspace.h"

#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {

using Kind = app::GraphBox::Kind;

GraphPanel::GraphPanel(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_view(new GraphView(this)), m_legend(new GraphLegend(this)),
      m_stack(new QStackedWidget(this)), m_search(new QLineEdit(this)), m_matchText(new QLabel(this)),
      m_words(new QLabel(this))
{
    setObjectName(QStringLiteral("graphPanel"));
    auto* empty =
        new EmptyState(QStringLiteral("link"), tr("No graph yet"),
                       tr("Write a variable or an operation in the script; here it shows what depends "
                          "on what and where it lives."),
                       this);
    m_stack->addWidget(empty);
    m_stack->addWidget(m_view);
    m_words->setProperty("role", QStringLiteral("muted"));
    m_words->setTextFormat(Qt::PlainText);
    m_words->setMinimumWidth(1);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(16);
    bottom->addWidget(m_words);
    bottom->addStretch(1);
    bottom->addWidget(m_legend);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(makeHeader());
    layout->addWidget(m_stack, 1);
    layout->addLayout(bottom);
    wireView();
    m_view->setLife([this](const QString& name) { return m_workspace->run().variableLife(name); });

    constexpr int kPatience = 150;
    m_slow.setSingleShot(true);
    m_slow.setInterval(kPatience);
    connect(&m_slow, &QTimer::timeout, this, &GraphPanel::updateWords);
    connect(&m_job, &app::JobTracker::started, &m_slow, qOverload<>(&QTimer::start));
    connect(&m_job, &app::JobTracker::finished, this, [this] {
        m_slow.stop();
        updateWords();
    });
    connect(&workspace->project(), &app::Project::modelChanged, this, &GraphPanel::followModel);
    connect(&workspace->project(), &app::Project::textReset, this, [this] { m_opening = {}; });
    connect(&workspace->run(), &app::RunController::devicesChanged, this, &GraphPanel::followModel);
    connect(&workspace->run(), &app::RunController::variablesChanged, m_view, qOverload<>(&QWidget::update));
    updateWords();
}

QWidget* GraphPanel::makeHeader()
{
    auto* header = new QWidget(this);
    auto* heading = new QLabel(tr("Graph"), header);
    heading->setProperty("role", QStringLiteral("title"));
    m_search->setPlaceholderText(tr("Find  ( / )"));
    m_search->setClearButtonEnabled(true);
    m_search->setAccessibleName(tr("Find in the graph"));
    m_search->setToolTip(tr("Enter: the next match; Shift+Enter: the one before; Esc: back to the graph"));
    m_matchText->setProperty("role", QStringLiteral("muted"));
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(heading);
    layout->addStretch(1);
    layout->addWidget(m_matchText);
    layout->addWidget(m_search, 2);
    const auto add = [&](const QString& icon, const QString& text, const QString& name, const QString& tip,
                         auto function) {
        auto* button = new QToolButton(header);
        if (icon.isEmpty())
            button->setText(text);
        else
            Theme::instance().bindIcon(button, icon);
        button->setAccessibleName(name);
        button->setToolTip(tip);
        connect(button, &QToolButton::clicked, this, function);
        layout->addWidget(button);
    };
    constexpr double kStep = 1.25;
    add(QStringLiteral("remove"), {}, tr("Zoom out"), tr("Zoom out (−)"),
        [this] { m_view->zoomBy(1 / kStep); });
    add(QStringLiteral("add"), {}, tr("Zoom in"), tr("Zoom in (+)"), [this] { m_view->zoomBy(kStep); });
    add({}, tr("Fit"), tr("Show all"), tr("Show all of the graph (Ctrl+0)"), [this] { m_view->fit(); });
    connect(m_search, &QLineEdit::textChanged, this, &GraphPanel::find);
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        const bool isBack = (QGuiApplication::keyboardModifiers() & Qt::ShiftModifier) != 0;
        goToMatch(isBack ? -1 : 1);
    });
    auto* leave = new QShortcut(Qt::Key_Escape, m_search);
    leave->setContext(Qt::WidgetShortcut);
    connect(leave, &QShortcut::activated, this, [this] { m_view->setFocus(); });
    auto* all = new QShortcut(QKeySequence(QStringLiteral("Ctrl+0")), this);
    all->setContext(Qt::WidgetWithChildrenShortcut);
    connect(all, &QShortcut::activated, m_view, &GraphView::fit);
    return header;
}

void GraphPanel::wireView()
{
    connect(m_view, &GraphView::toggled, this, &GraphPanel::toggle);
    connect(m_view, &GraphView::menuRequested, this, &GraphPanel::openMenu);
    connect(m_view, &GraphView::searchRequested, this, [this] {
        m_search->setFocus();
        m_search->selectAll();
    });
    connect(m_view, &GraphView::currentChanged, this, [this](int index) {
        const app::GraphBox* const chosen = box(index);
        if (chosen != nullptr && chosen->kind == Kind::Variable)
            emit variableChosen(chosen->name);
        if (chosen != nullptr && !chosen->isGroup() && chosen->begin >= 0)
            emit statementChosen(chosen->begin, chosen->end);
        else
            emit statementChosen(-1, -1);
    });
    connect(m_view, &GraphView::jumpRequested, this, [this](int index) {
        if (const app::GraphBox* const chosen = box(index); chosen != nullptr && chosen->begin >= 0)
            emit jumpRequested(chosen->begin);
    });
    connect(m_view, &GraphView::renamed, this, [this](const QString& before, const QString& after) {
        if (m_workspace->project().isLong()) {
            m_wanted = after.trimmed();
            m_workspace->project().startSettingFields({before}, app::VariableField::Name, m_wanted);
            return;
        }
        const app::Explanation problem =
            m_workspace->project().setVariableField(before, app::VariableField::Name, after.trimmed());
        if (!problem.isEmpty())
            emit refused(problem);
        else
            m_wanted = after.trimmed();
    });
    connect(m_view, &GraphView::removeRequested, this, [this](const QString& variable) {
        if (m_workspace->project().isLong()) {
            m_workspace->project().startRemoving({variable});
            return;
        }
        const app::Explanation problem = m_workspace->project().removeVariables({variable});
        if (!problem.isEmpty())
            emit refused(problem);
    });
}

const app::GraphBox* GraphPanel::box(int index) const
{
    const bool isThere =
        m_picture.graph && index > 0 && index < static_cast<int>(m_picture.graph->boxes.size());
    return isThere ? &m_picture.graph->boxes[static_cast<std::size_t>(index)] : nullptr;
}

void GraphPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_isDue)
        request();
}

void GraphPanel::followModel()
{
    updateWords();
    if (isVisible())
        request();
    else
        m_isDue = true;
}

void GraphPanel::request()
{
    m_isDue = false;
    const std::shared_ptr<const graph::Model> model = m_workspace->project().model();
    QStringList devices;
    for (const app::DeviceInfo& device : m_workspace->run().devices()) {
        if (device.available)
            devices += device.name;
    }
    if (!model) {
        m_job.cancel();
        adopt({});
        return;
    }
    m_job.start(
        [previous = m_picture, model, devices, opening = m_opening](const app::JobTracker::Context& context) {
            return app::makePicture(previous, model, devices, opening,
                                    [&context] { return context.isCancelled(); });
        },
        [this](const app::GraphPicture& picture) {
            if (picture.layout)
                adopt(picture);
        });
}

void GraphPanel::adopt(const app::GraphPicture& picture)
{
    const bool isOther = picture.graph != m_picture.graph;
    m_picture = picture;
    m_view->setPicture(picture);
    m_stack->setCurrentIndex(picture.layout && !picture.layout->boxes.empty() ? 1 : 0);
    m_legend->setDevices(picture.graph ? picture.graph->devices : QStringList(),
                         picture.graph ? picture.graph->lanes : QVector<int>());
    if (isOther && !m_search->text().isEmpty())
        find(m_search->text());
    if (!m_wanted.isEmpty() && picture.graph) {
        const int wanted = picture.graph->leafNamed.value(m_wanted, -1);
        if (wanted >= 0) {
            m_view->setCurrent(wanted, true);
            if (m_isCentred)
                m_view->centreOn(wanted);
        }
        m_wanted.clear();
        m_isCentred = false;
    }
    updateWords();
}

void GraphPanel::updateWords()
{
    QStringList words;
    if (m_picture.layout) {
        int visible = 0;
        for (const app::PlacedBox& placed : m_picture.layout->boxes)
            visible += placed.isOpen ? 0 : 1;
        words += tr("%1 of %2")
                     .arg(app::countOf(visible, tr("box"), tr("boxes")),
                          app::countOf(m_picture.graph->operations, tr("operation"), tr("operations")));
        if (m_picture.graph->isTruncated)
            words += tr("the rest is left out");
    }
    if (m_workspace->project().isStale())
        words += tr("of the last text without errors");
    if (m_job.isRunning() && !m_slow.isActive())
        words += tr("laying out…");
    m_words->setText(words.join(QStringLiteral(" · ")));
}

void GraphPanel::setOpen(int index, bool isOpen)
{
    const app::GraphBox* const group = box(index);
    if (group == nullptr || !group->isGroup())
        return;
    m_opening.opened.remove(group->name);
    m_opening.closed.remove(group->name);
    (isOpen ? m_opening.opened : m_opening.closed).insert(group->name);
}

void GraphPanel::toggle(int index)
{
    if (box(index) == nullptr || !m_picture.layout)
        return;
    const int place = m_picture.layout->placeOf[static_cast<std::size_t>(index)];
    if (place < 0)
        return;
    setOpen(index, !m_picture.layout->boxes[static_cast<std::size_t>(place)].isOpen);
    request();
}

void GraphPanel::openAll(bool isOpen)
{
    constexpr int kMost = 20000;
    if (!m_picture.graph || (isOpen && m_picture.graph->boxes.front().leaves > kMost))
        return;
    for (std::size_t index = 1; index < m_picture.graph->boxes.size(); ++index)
        setOpen(static_cast<int>(index), isOpen);
    request();
}

void GraphPanel::reveal(int index)
{
    const app::GraphBox* const wanted = box(index);
    if (wanted == nullptr)
        return;
    if (m_picture.layout->placeOf[static_cast<std::size_t>(index)] >= 0) {
        m_view->setCurrent(index, true);
        m_view->centreOn(index);
        return;
    }
    for (int group = wanted->parent; group > 0;
         group = m_picture.graph->boxes[static_cast<std::size_t>(group)].parent)
        setOpen(group, true);
    m_wanted = wanted->name;
    m_isCentred = true;
    request();
}

void GraphPanel::find(const QString& text)
{
    constexpr std::size_t kMost = 10000;
    m_matches.clear();
    m_match = -1;
    if (m_picture.graph && !text.isEmpty()) {
        const std::vector<app::GraphBox>& boxes = m_picture.graph->boxes;
        for (std::size_t i = 1; i < boxes.size() && m_matches.size() < kMost; ++i) {
            if (!boxes[i].isGroup() && (boxes[i].name.contains(text, Qt::CaseInsensitive) ||
                                        boxes[i].op.compare(text, Qt::CaseInsensitive) == 0))
                m_matches.push_back(static_cast<int>(i));
        }
    }
    m_matchText->setText(text.isEmpty()      ? QString()
                         : m_matches.empty() ? tr("no match")
                                             : app::countOf(static_cast<qint64>(m_matches.size()),
                                                            tr("match"), tr("matches")));
}

void GraphPanel::goToMatch(int step)
{
    if (m_matches.empty())
        return;
    const auto count = static_cast<int>(m_matches.size());
    m_match = m_match < 0 ? (step > 0 ? 0 : count - 1) : (m_match + step + count) % count;
    m_matchText->setText(tr("%1 of %2").arg(m_match + 1).arg(count));
    const int found = m_matches[static_cast<std::size_t>(m_match)];
    reveal(found);
    if (const app::GraphBox* const chosen = box(found); chosen->begin >= 0) {
        if (chosen->kind == Kind::Variable)
            emit variableChosen(chosen->name);
        emit statementChosen(chosen->begin, chosen->end);
    }
}

void GraphPanel::selectAt(int offset)
{
    if (!isVisible() || !m_picture.graph)
        return;
    if (const int found = m_picture.graph->leafAt(offset); found >= 0)
        m_view->setCurrent(found, true);
}

void GraphPanel::selectVariable(const QString& name)
{
    if (!isVisible() || !m_picture.graph)
        return;
    if (const int found = m_picture.graph->leafNamed.value(name, -1);
        found >= 0 && found != m_view->current())
        m_view->setCurrent(found, true);
}

} // namespace wr::ui
