// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/pytorch/pickle.h"

#include "engine/formats/pytorch/pickle_stack.h"

#include <bit>

namespace wr::formats {
namespace {

class Machine : private PickleStack {
public:
    explicit Machine(std::span<const std::byte> bytes) : PickleStack(bytes) {}

    Result<Pickle> run()
    {
        while (m_problem == nullptr && !m_isDone) {
            m_opAt = m_at;
            step();
        }
        if (m_problem != nullptr)
            return fail(StatusCode::DataLoss,
                        "the pickle, byte " + std::to_string(m_opAt) + ": " + m_problem);
        m_pickle.bytes = m_at;
        return std::move(m_pickle);
    }

private:
    void step()
    {
        const std::span<const std::byte> op = take(1);
        if (!op.empty() && !stepValue(static_cast<unsigned char>(op[0])) &&
            !stepObject(static_cast<unsigned char>(op[0])))
            wrong("an unknown instruction");
    }

    /// Instructions that push a value or handle the memo; false for others.
    bool stepValue(unsigned char op)
    {
        switch (op) {
        case 0x80:
            return take(1), true; // protocol
        case 0x95:
            return take(8), true; // frame
        case 'N':
            return push(make(Kind::None)), true;
        case 0x88:
        case 0x89:
            return pushBool(op == 0x88), true;
        case 'J':
            return pushInt(static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)))), true;
        case 'K':
            return pushInt(static_cast<std::int64_t>(number(1))), true;
        case 'M':
            return pushInt(static_cast<std::int64_t>(number(2))), true;
        case 0x8A:
            return pushLong(1), true;
        case 0x8B:
            return pushLong(4), true;
        case 'I':
        case 'L':
            return pushNumberLine(false), true;
        case 'F':
            return pushNumberLine(true), true;
        case 'G': {
            std::uint64_t bits = 0;
            for (const std::byte byte : take(8)) // the most significant first
                bits = bits << 8U | static_cast<std::uint64_t>(byte);
            const PickleId id = make(Kind::Float);
            node(id).real = std::bit_cast<double>(bits);
            return push(id), true;
        }
        case 'S':
        case 'V':
            return pushText(Kind::Text, line()), true;
        case 'X':
            return pushCounted(Kind::Text, 4), true;
        case 0x8C:
            return pushCounted(Kind::Text, 1), true;
        case 0x8D:
            return pushCounted(Kind::Text, 8), true;
        case 'T':
            return pushCounted(Kind::Text, 4), true;
        case 'U':
            return pushCounted(Kind::Text, 1), true;
        case 'B':
            return pushCounted(Kind::Bytes, 4), true;
        case 'C':
            return pushCounted(Kind::Bytes, 1), true;
        case 0x8E:
        case 0x96:
            return pushCounted(Kind::Bytes, 8), true;
        case 'q':
            return put(number(1)), true;
        case 'r':
            return put(number(4)), true;
        case 'p':
            return put(lineNumber()), true;
        case 0x94:
            return putNext(), true;
        case 'h':
            return get(number(1)), true;
        case 'j':
            return get(number(4)), true;
        case 'g':
            return get(lineNumber()), true;
        default:
            return false;
        }
    }

    /// Instructions that make an object of what lies on the stack; false for others.
    bool stepObject(unsigned char op)
    {
        switch (op) {
        case '.':
            m_pickle.root = pop();
            m_isDone = true;
            return true;
        case '(':
            return mark(), true;
        case '0':
            return static_cast<void>(pop()), true;
        case '1':
            return static_cast<void>(popToMark()), true;
        case '2': {
            const PickleId id = pop();
            return push(id), push(id), true;
        }
        case ']':
            return pushItems(Kind::List, {}), true;
        case 'l':
            return pushItems(Kind::List, popToMark()), true;
        case ')':
            return pushItems(Kind::Tuple, {}), true;
        case 't':
            return pushItems(Kind::Tuple, popToMark()), true;
        case 0x85:
        case 0x86:
        case 0x87:
            return pushTuple(op - 0x84U), true;
        case '}':
            return pushItems(Kind::Dict, {}), true;
        case 'd':
            pushItems(Kind::Dict, popToMark());
            if (m_problem == nullptr && node(m_stack.back()).items.size() % 2 != 0)
                wrong("it puts a key without a value");
            return true;
        case 0x8F:
            return pushItems(Kind::Set, {}), true;
        case 0x91:
            return pushItems(Kind::Set, popToMark()), true;
        case 0x90: {
            const std::vector<PickleId> items = popToMark();
            const PickleId set = pop();
            if (node(set).kind != Kind::Set)
                return wrong("it puts something into what holds nothing"), true;
            node(set).items.insert(node(set).items.end(), items.begin(), items.end());
            return push(set), true;
        }
        case 'a': {
            const PickleId item = pop();
            return fill({item}, false), true;
        }
        case 'e':
            return fill(popToMark(), false), true;
        case 's': {
            const PickleId value = pop();
            const PickleId key = pop();
            return fill({key, value}, true), true;
        }
        case 'u':
            return fill(popToMark(), true), true;
        case 'c': {
            const std::string module = line();
            return pushText(Kind::Global, module + " " + line()), true;
        }
        case 0x93: {
            const PickleId name = pop();
            const PickleId module = pop();
            if (node(name).kind != Kind::Text || node(module).kind != Kind::Text)
                return wrong("it imports what is no name"), true;
            return pushText(Kind::Global, node(module).text + " " + node(name).text), true;
        }
        case 'R':
        case 0x81: {
            const PickleId arguments = pop();
            return call(pop(), arguments), true;
        }
        case 0x92: {
            static_cast<void>(pop()); // arguments by name
            const PickleId arguments = pop();
            return call(pop(), arguments), true;
        }
        case 'i': {
            const std::string module = line();
            pushText(Kind::Global, module + " " + line());
            const PickleId callee = pop();
            pushItems(Kind::Tuple, popToMark());
            const PickleId arguments = pop();
            return call(callee, arguments), true;
        }
        case 'o': {
            std::vector<PickleId> items = popToMark();
            if (items.empty())
                return wrong("it calls what is no function"), true;
            const PickleId callee = items.front();
            items.erase(items.begin());
            pushItems(Kind::Tuple, std::move(items));
            const PickleId arguments = pop();
            return call(callee, arguments), true;
        }
        case 'b': {
            const PickleId state = pop();
            const PickleId target = pop();
            if (node(target).kind != Kind::Call)
                return wrong("it gives a state to what has none"), true;
            node(target).states.push_back(state);
            return push(target), true;
        }
        case 'Q': {
            const PickleId name = pop();
            return pushItems(Kind::Persistent, {name}), true;
        }
        case 'P':
            pushText(Kind::Text, line());
            return pushItems(Kind::Persistent, {pop()}), true;
        default:
            return false;
        }
    }

    std::size_t m_opAt = 0;
    bool m_isDone = false;
};

} // namespace

Result<Pickle> readPickle(std::span<const std::byte> bytes)
{
    return Machine(bytes).run();
}

} // namespace wr::formats
