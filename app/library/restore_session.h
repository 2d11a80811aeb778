// SPDX-License-Identifier: GPL-3.0-or-later
// A restore being prepared: the engine's RestorePlan for one checkpoint and the model's variables, with undo
// and Qt values. Nothing happens to the model until RunController::restore(). UI thread.
#pragma once

#include "app/library/checkpoint_file.h"
#include "app/run/run_state.h"

#include <QObject>
#include <functional>
#include <memory>
#include <utility>

namespace wr::remap {
class RestorePlan;
}
namespace wr::graph {
struct Model;
}

namespace wr::remap {
struct MatchResult;
}

namespace wr::app {

enum class VariableFate { Restore, Keep, Initialize, Unresolved };

struct RestoreTarget {
    QString name;
    QString shape;
    QString dtype;
    VariableFate fate = VariableFate::Unresolved;
    QString source;     ///< Restore: name in the checkpoint
    int sourceRow = -1; ///< Restore: its place in sources()
    QString problem;    ///< Unresolved: why
    bool canKeep = false;
    bool isSlot = false;
    QString reason; ///< Restore under another name: "alias of output"
};

struct RestoreSource {
    QString name;
    QString shape;
    QString dtype;
    bool used = false;
};

class RestoreSession : public QObject {
    Q_OBJECT
public:
    /// `lives` says which variables hold a value now.
    RestoreSession(std::shared_ptr<const CheckpointFile> file, std::shared_ptr<const graph::Model> model,
                   const QHash<QString, VariableLife>& lives, QObject* parent = nullptr);
    ~RestoreSession() override;

    std::shared_ptr<const CheckpointFile> file() const;
    const QVector<RestoreSource>& sources() const;
    const QVector<RestoreTarget>& targets() const;
    /// Why the source cannot fill the target ("[200] cannot fill [784, 200]"); empty when it can.
    QString obstacle(int source, int target) const;
    /// (source, target) pairs, linked as one step or not at all.
    Explanation link(const QVector<std::pair<int, int>>& pairs);
    Explanation link(int source, int target) { return link({{source, target}}); }
    /// The same fate for all of them as one step, or for none.
    Explanation setFate(const QVector<int>& targets, VariableFate fate);
    Explanation setFate(int target, VariableFate fate) { return setFate(QVector<int>{target}, fate); }
    /// Finds by names, shapes and contents which tensors belong to the targets: blocking where there are
    /// many, for a job. It is of the plan as it is now; take() gives its answer to the session.
    using NameMatch = std::shared_ptr<const remap::MatchResult>;
    std::function<NameMatch()> matcher() const;
    struct MatchReport {
        int linked = 0;
        int asked = 0; ///< targets for which somebody has to decide, each with its question
    };
    /// Links what is certain, as one step; what is not becomes unresolved with a question.
    MatchReport take(const NameMatch& match);
    /// Fits every unresolved or initialised target that has exactly one unused source of its shape and type
    /// whose last name part agrees; returns how many were linked.
    int linkByShape();
    void undo();
    void redo();
    bool canUndo() const;
    bool canRedo() const;

    struct Counts {
        int restore = 0;
        int keep = 0;
        int initialize = 0;
        int unresolved = 0;
        int unused = 0;
    };
    Counts counts() const;
    /// "weightroom-cli restore …" that does the same.
    QString asCommand(const QString& projectDirectory) const;
    const remap::RestorePlan& plan() const;

signals:
    void changed();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
