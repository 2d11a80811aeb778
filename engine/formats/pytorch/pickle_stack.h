// SPDX-License-Identifier: GPL-3.0-or-later
// What the instructions of a pickle work on: its bytes, a stack with marks, a memo, and the nodes that are
// made. The first problem is kept, and everything after it is harmless. Owned by one reader.
#pragma once

#include "engine/formats/pytorch/pickle.h"
#include "engine/formats/pytorch/pickle_bytes.h"

#include <charconv>
#include <unordered_map>

namespace wr::formats {

class PickleStack : protected PickleBytes {
protected:
    using Kind = PickleNode::Kind;

    explicit PickleStack(std::span<const std::byte> bytes) : PickleBytes(bytes) {}

    PickleId make(Kind kind)
    {
        if (m_pickle.nodes.size() == kMostNodes) {
            wrong("it makes more objects than any real one");
            return 0;
        }
        m_pickle.nodes.emplace_back();
        m_pickle.nodes.back().kind = kind;
        return static_cast<PickleId>(m_pickle.nodes.size() - 1);
    }
    PickleNode& node(PickleId id) { return m_pickle.nodes[id]; }
    void push(PickleId id)
    {
        if (m_stack.size() == kMostStack)
            return wrong("its stack is deeper than any real one");
        m_stack.push_back(id);
    }
    /// Never below a mark.
    PickleId pop()
    {
        if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back())) {
            wrong("its stack is empty");
            return make(Kind::None);
        }
        const PickleId id = m_stack.back();
        m_stack.pop_back();
        return id;
    }
    std::vector<PickleId> popToMark()
    {
        if (m_marks.empty()) {
            wrong("it has no mark");
            return {};
        }
        const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        m_marks.pop_back();
        std::vector<PickleId> items(begin, m_stack.end());
        m_stack.erase(begin, m_stack.end());
        return items;
    }

    void pushInt(std::int64_t value)
    {
        const PickleId id = make(Kind::Int);
        node(id).number = value;
        push(id);
    }
    void pushBool(bool value)
    {
        const PickleId id = make(Kind::Bool);
        node(id).number = value ? 1 : 0;
        push(id);
    }
    void pushText(Kind kind, std::string text)
    {
        const PickleId id = make(kind);
        node(id).text = std::move(text);
        push(id);
    }
    void pushCounted(Kind kind, std::size_t lengthBytes)
    {
        const std::uint64_t length = number(lengthBytes);
        if (length > kLongestText)
            return wrong("a text is longer than any real one");
        const std::span<const std::byte> part = take(length);
        pushText(kind, {reinterpret_cast<const char*>(part.data()), part.size()});
    }
    void pushItems(Kind kind, std::vector<PickleId> items)
    {
        const PickleId id = make(kind);
        node(id).items = std::move(items);
        push(id);
    }
    void pushTuple(std::size_t size)
    {
        std::vector<PickleId> items(size);
        for (std::size_t i = size; i-- > 0;)
            items[i] = pop();
        pushItems(Kind::Tuple, std::move(items));
    }
    void pushLong(std::size_t lengthBytes)
    {
        const std::uint64_t length = number(lengthBytes);
        if (length > kLongestNumber)
            return wrong("a number is longer than any real one");
        const std::span<const std::byte> part = take(length);
        if (part.size() > 8)
            return pushText(Kind::LongInt, {reinterpret_cast<const char*>(part.data()), part.size()});
        std::uint64_t value =
            !part.empty() && (part.back() & std::byte{0x80}) != std::byte{0} ? UINT64_MAX : 0;
        for (std::size_t i = part.size(); i-- > 0;)
            value = value << 8U | static_cast<std::uint64_t>(part[i]);
        pushInt(static_cast<std::int64_t>(value));
    }
    void pushNumberLine(bool isFloat)
    {
        std::string text = line();
        if (text == "00" || text == "01")
            return pushBool(text == "01");
        if (!text.empty() && text.back() == 'L')
            text.pop_back();
        const char* const end = text.data() + text.size();
        double real = 0.0;
        std::int64_t value = 0;
        const std::from_chars_result result =
            isFloat ? std::from_chars(text.data(), end, real) : std::from_chars(text.data(), end, value);
        if (result.ec != std::errc() || result.ptr != end)
            return wrong("a number cannot be read");
        if (!isFloat)
            return pushInt(value);
        const PickleId id = make(Kind::Float);
        node(id).real = real;
        push(id);
    }

    void putNext() { put(m_memo.size()); }
    void put(std::uint64_t at)
    {
        if (m_stack.empty())
            return wrong("its stack is empty");
        m_memo[at] = m_stack.back();
    }
    void get(std::uint64_t at)
    {
        const auto found = m_memo.find(at);
        if (found == m_memo.end())
            return wrong("it fetches what it never stored");
        push(found->second);
    }
    std::uint64_t lineNumber()
    {
        const std::string text = line();
        std::uint64_t value = 0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
        if (result.ec != std::errc() || result.ptr != text.data() + text.size())
            wrong("a number cannot be read");
        return value;
    }

    void call(PickleId callee, PickleId arguments)
    {
        const Kind kind = node(callee).kind;
        if (kind != Kind::Global && kind != Kind::Call)
            return wrong("it calls what is no function");
        pushItems(Kind::Call, {callee, arguments});
    }
    /// Puts pairs or elements into the object below.
    void fill(const std::vector<PickleId>& items, bool isPairs)
    {
        const PickleId target = pop();
        PickleNode& into = node(target);
        const bool fits = isPairs ? into.kind == Kind::Dict : into.kind == Kind::List;
        if (!fits && into.kind != Kind::Call)
            return wrong("it puts something into what holds nothing");
        if (isPairs && items.size() % 2 != 0)
            return wrong("it puts a key without a value");
        if (into.kind == Kind::Call) {
            if (into.items.size() > 2 && into.isFilled != isPairs)
                return wrong("it fills one object in two ways");
            into.isFilled = isPairs;
        }
        into.items.insert(into.items.end(), items.begin(), items.end());
        push(target);
    }

    void mark()
    {
        if (m_marks.size() == kMostStack)
            return wrong("it has too many marks");
        m_marks.push_back(m_stack.size());
    }

    Pickle m_pickle;
    std::vector<PickleId> m_stack;

private:
    static constexpr std::size_t kMostNodes = 4'000'000;
    static constexpr std::size_t kMostStack = 1'000'000;
    static constexpr std::size_t kLongestNumber = std::size_t{64} << 10U;

    std::vector<std::size_t> m_marks;
    std::unordered_map<std::uint64_t, PickleId> m_memo;
};

} // namespace wr::formats
