// SPDX-License-Identifier: GPL-3.0-or-later
// Where one thread leaves values and another takes them all at its own pace. Bounded: when kCapacity values
// wait unread, every second one is dropped, so that what is left is spread evenly over the whole time; values
// for which isKept() holds stay. Any number of threads.
#pragma once

#include <QVector>
#include <algorithm>
#include <mutex>
#include <utility>

namespace wr::app {

template <typename T>
class Mailbox {
public:
    static constexpr qsizetype kCapacity = 1'000'000;

    /// `isKept` marks values that thinning out must not drop; called under the lock.
    explicit Mailbox(bool (*isKept)(const T&), qsizetype capacity = kCapacity)
        : m_isKept(isKept), m_capacity(std::max<qsizetype>(capacity, 2))
    {
    }

    void post(const T& value)
    {
        const std::lock_guard lock(m_mutex);
        if (m_values.size() >= m_capacity)
            thinOut();
        m_values.append(value);
    }
    struct Taken {
        QVector<T> values;  ///< oldest first
        int generation = 0; ///< how often startAnew() was called
    };
    Taken take()
    {
        const std::lock_guard lock(m_mutex);
        return {std::exchange(m_values, {}), m_generation};
    }
    /// Drops what is unread; what follows belongs to the next generation.
    void startAnew()
    {
        const std::lock_guard lock(m_mutex);
        m_values.clear();
        ++m_generation;
    }

private:
    void thinOut()
    {
        bool drop = true;
        const auto end = std::remove_if(m_values.begin(), m_values.end(), [&](const T& value) {
            drop = !drop;
            return drop && !m_isKept(value);
        });
        m_values.erase(end, m_values.end());
        if (m_values.size() >= m_capacity) // all of them kept ones
            m_values.remove(0, m_values.size() / 2);
    }

    std::mutex m_mutex;
    QVector<T> m_values;
    int m_generation = 0;
    bool (*m_isKept)(const T&);
    qsizetype m_capacity;
};

} // namespace wr::app
