// SPDX-License-Identifier: GPL-3.0-or-later
// The runs of this session: the one under way first, then earlier ones with their curves, newest first. Names
// and tags can be edited, a check mark says whose curves are drawn. Old runs go when all curves together hold
// too many points. UI thread.
#pragma once

#include "app/models/metric_history.h"
#include "app/run/run_settings.h"

#include <QAbstractTableModel>
#include <QDateTime>
#include <memory>
#include <vector>

namespace wr::app {

class RunList : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        NameColumn,
        StepsColumn,
        LossColumn,
        TestLossColumn,
        MetricColumnIndex,
        TagColumn,
        ColumnCount
    };
    enum Role { IdRole = Qt::UserRole, ColourRole };

    struct Run {
        int id = 0; ///< from 1
        QString name;
        QString tag;
        int colour = 0; ///< a number for the palette
        bool isShown = true;
        QDateTime started;
        RunSettings settings;
        std::unique_ptr<MetricHistory> history; ///< null for the run under way
    };
    /// One row of a comparison: what is set, and to what in each of the runs.
    struct Difference {
        QString name;
        QStringList values;
    };

    /// `live` holds the curves of the run under way.
    explicit RunList(MetricHistory* live, QObject* parent = nullptr);

    /// What the run under way is set to; kept with it.
    void setSettings(const RunSettings& settings);
    /// Keeps the curves of the run under way, if there are any, as an earlier run. To be called before they
    /// are reset.
    void keepCurrent();
    void remove(const QList<int>& rows); ///< the first row stays
    void clear();                        ///< forgets all earlier runs, and counts anew
    const std::vector<Run>& runs() const { return m_runs; }
    const MetricHistory& historyOf(int row) const;
    /// The settings and results in which runs differ; all of them when `rows` is one run.
    QVector<Difference> compare(const QList<int>& rows) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    void shownChanged(); ///< other curves are to be drawn

private:
    QString numberOf(int row, MetricHistory::Series series) const;
    void dropOldest();

    MetricHistory* m_live;
    std::vector<Run> m_runs; ///< never empty
    int m_lastId = 0;
};

} // namespace wr::app
