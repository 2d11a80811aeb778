// SPDX-License-Identifier: GPL-3.0-or-later
// A document, a run and the list of a recipe's actions, for the tests of recipes.
#pragma once

#include "app/document/project.h"
#include "app/models/recipe_list_model.h"
#include "app/run/run_controller.h"
#include "engine/graph/model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace wr::app {

struct RecipeStage {
    static constexpr int kLong = 60000; // sanitizers are slow

    void set()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = std::make_unique<Project>();
        m_run = std::make_unique<RunController>();
        m_recipe = std::make_unique<RecipeListModel>(m_project.get(), m_run.get());
        m_tester = std::make_unique<QAbstractItemModelTester>(
            m_recipe.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_failures.clear();
        QObject::connect(m_run.get(), &RunController::failed, m_run.get(),
                         [this](const Explanation& explanation) { m_failures.append(explanation); });
    }

    void clear()
    {
        m_tester.reset();
        m_recipe.reset();
        m_run.reset();
        m_project.reset();
    }

    void paste(const QString& text)
    {
        m_project->newFromText(text, QStringLiteral("Untitled"));
        QVERIFY2(!m_project->isStale(), qPrintable(messages(Problem::Severity::Error).join(u'\n')));
        m_run->setModel(m_project->model(), {}, m_folder->path());
    }

    QStringList actions() const
    {
        QStringList words;
        for (int row = 0; row < m_recipe->rowCount(); ++row)
            words += m_recipe->index(row, 0).data(RecipeListModel::WordRole).toString();
        return words;
    }

    QStringList results() const
    {
        QStringList texts;
        for (int row = 0; row < m_recipe->rowCount(); ++row)
            texts += m_recipe->index(row, RecipeListModel::ResultColumn).data().toString();
        return texts;
    }

    QStringList messages(Problem::Severity severity) const
    {
        QStringList all;
        for (const Problem& problem : m_project->problems()) {
            if (problem.severity == severity)
                all += problem.message;
        }
        return all;
    }

    /// Runs it until it ends, fails or waits at a hole.
    void run(int program = 0)
    {
        m_recipe->setProgram(program);
        QSignalSpy changes(m_run.get(), &RunController::recipeChanged);
        m_run->runRecipe(program);
        QTRY_VERIFY_WITH_TIMEOUT(changes.size() > 1 && !m_run->recipe().isRunning, kLong);
    }

    void paste(const char* text) { paste(QString::fromUtf8(text)); }
    QString checkpoint(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    VariableLife life(const char* name) const { return m_run->variableLife(QLatin1String(name)); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
    std::unique_ptr<RunController> m_run;
    std::unique_ptr<RecipeListModel> m_recipe;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    QVector<Explanation> m_failures;
};

} // namespace wr::app
