// SPDX-License-Identifier: GPL-3.0-or-later
// Work off the UI thread whose newest request wins: starting a job cancels the one before it; a finished job
// delivers its answer on the UI thread to a living receiver, or is dropped. One tracker per kind of work. UI
// thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace wr::app {

class JobTracker : public QObject {
    Q_OBJECT
public:
    explicit JobTracker(QObject* parent = nullptr);
    ~JobTracker() override; ///< cancels; does not wait

    /// What a running job sees: whether to stop, and where to tell how far it is. Thread-safe.
    class Context {
    public:
        bool isCancelled() const { return m_cancelled->load(std::memory_order_relaxed); }
        /// Fraction in [0, 1]; delivered to the UI thread at most every 50 ms.
        void report(double fraction) const;

    private:
        friend class JobTracker;
        std::shared_ptr<std::atomic<bool>> m_cancelled;
        std::function<void(double)> m_report;
    };

    /// Runs `work` on the pool and `deliver` with its result on this object's thread, unless cancelled or
    /// superseded.
    template <typename Work, typename Deliver>
    void start(Work work, Deliver deliver)
    {
        using Value = std::invoke_result_t<Work, const Context&>;
        const Context context = begin();
        const quint64 id = m_current;
        run([guard = QPointer<JobTracker>(this), work = std::move(work), deliver = std::move(deliver),
             context, id]() mutable {
            auto value = std::make_shared<Value>(work(context));
            post([guard, deliver = std::move(deliver), value, id]() mutable {
                if (guard && guard->finish(id))
                    deliver(std::move(*value));
            });
        });
    }
    void cancel();
    bool isRunning() const { return m_running; }

    /// A value whose end takes its time, a long script or a large picture: whoever gives it up last, it ends
    /// on a thread of the pool.
    template <typename T>
    static std::shared_ptr<T> endingElsewhere(std::shared_ptr<T> value)
    {
        T* const raw = value.get();
        return {raw, [kept = std::move(value)](T*) mutable { forget(std::move(kept)); }};
    }
    static void forget(std::shared_ptr<const void> value);

signals:
    void started();
    void progress(double fraction);
    void finished(); ///< delivered or cancelled

private:
    Context begin();
    bool finish(quint64 id);
    static void run(std::function<void()> work);
    static void post(std::function<void()> deliver);

    quint64 m_current = 0;
    bool m_running = false;
    std::shared_ptr<std::atomic<bool>> m_cancelled;
};

} // namespace wr::app
