// SPDX-License-Identifier: GPL-3.0-or-later
// The field for the filter of the variable table: green, amber or red while typing, with completion of keys
// and values, and earlier filters behind the key Down. UI thread.
#pragma once

#include "app/models/filter_tree.h"

#include <QLineEdit>
#include <QStringList>

class QCompleter;
class QLabel;
class QStringListModel;

namespace wr::ui {

/// What a filter field has to know of the things it filters.
struct FilterSubject {
    QString id;             ///< under which earlier filters are remembered
    app::FilterWords words; ///< of the language
    QString help;           ///< the language by example
    QString fitsNothing;    ///< a sentence

    static FilterSubject variables();
    static FilterSubject tensors();
};

class FilterField : public QLineEdit {
    Q_OBJECT
public:
    enum class Verdict { None, Fits, FitsNothing, Wrong };
    explicit FilterField(const FilterSubject& subject, QWidget* parent = nullptr);

    /// The verdict on a filter that was made of the text, `isEmpty`: it accepts nothing of what there is;
    /// with the reason in `words`, which is hidden when there is nothing to say.
    template <typename Filter>
    void judge(const Filter& filter, bool isEmpty, QLabel* words)
    {
        judge(filter.problem(), !filter.isEmpty(), isEmpty, words);
    }
    void setVerdict(Verdict verdict, const QString& message);
    Verdict verdict() const { return m_verdict; }
    /// Puts the text into the list of earlier filters.
    void remember();
    QStringList history() const { return m_history; }
    QCompleter* words() const { return m_completer; }

signals:
    void done();      ///< Enter: the table is next
    void abandoned(); ///< Esc on an empty field

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void judge(const app::FilterTree::Problem& problem, bool asks, bool isEmpty, QLabel* words);
    void offer();
    void take(const QString& word);
    void showHistory();
    void paintAnew();

    FilterSubject m_subject;
    QCompleter* m_completer;
    QStringListModel* m_words;
    int m_wordBegin = 0;
    Verdict m_verdict = Verdict::None;
    QStringList m_history;
};

} // namespace wr::ui
