// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/session/placement_model.h"

namespace wr::session {
namespace {

bool agree(const std::string& a, const std::string& b)
{
    return a.empty() || b.empty() || a == b;
}

bool agree(int a, int b)
{
    return a < 0 || b < 0 || a == b;
}

bool agree(const PlainRequest& a, const PlainRequest& b)
{
    return agree(a.job, b.job) && agree(a.replica, b.replica) && agree(a.task, b.task) &&
           agree(a.type, b.type) && agree(a.index, b.index);
}

PlainRequest both(PlainRequest a, const PlainRequest& b)
{
    a.job = a.job.empty() ? b.job : a.job;
    a.replica = a.replica < 0 ? b.replica : a.replica;
    a.task = a.task < 0 ? b.task : a.task;
    a.type = a.type.empty() ? b.type : a.type;
    a.index = a.index < 0 ? b.index : a.index;
    return a;
}

std::string machineName(const std::pair<std::string, int>& device)
{
    return (device.first == "CPU"   ? "/cpu:"
            : device.first == "GPU" ? "/gpu:"
                                    : "/tpu:") +
           std::to_string(device.second);
}

/// "/job:ps/task:3", or nothing for this process.
std::string taskName(const PlainRequest& request, const std::vector<PlainNode>& nodes)
{
    const std::string job = request.job.empty() ? "localhost" : request.job;
    const int replica = request.replica < 0 ? 0 : request.replica;
    int task = request.task < 0 ? 0 : request.task;
    if (request.task < 0 && !request.job.empty() && !(job == "localhost" && replica == 0)) {
        int first = -1;
        for (const PlainNode& node : nodes) {
            const PlainRequest& other = node.request;
            const bool same = (other.job.empty() ? "localhost" : other.job) == job &&
                              (other.replica < 0 ? 0 : other.replica) == replica;
            if (same && other.task >= 0 && (first < 0 || other.task < first))
                first = other.task;
        }
        task = first < 0 ? 0 : first;
    }
    if (job == "localhost" && replica == 0 && task == 0)
        return {};
    return "/job:" + job + (replica > 0 ? "/replica:" + std::to_string(replica) : "") +
           "/task:" + std::to_string(task);
}

bool keeps(const PlainMachine& machine, const std::string& type, const PlainNode& node)
{
    const bool isState = node.kind == PlainNode::Kind::Variable || node.kind == PlainNode::Kind::Slot;
    return !isState || machine.lacking.count({type, node.dtype}) == 0;
}

/// How many nodes read a generator, and which is the last of them.
int reader(const std::vector<PlainNode>& nodes, int generator)
{
    std::set<int> readers;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const int input : nodes[i].inputs) {
            if (input == generator)
                readers.insert(static_cast<int>(i));
        }
    }
    const int variable = nodes[static_cast<std::size_t>(generator)].initialValueOf;
    if (variable >= 0)
        readers.insert(variable);
    return readers.size() == 1 ? *readers.begin() : -1;
}

} // namespace

std::string PlainRequest::text() const
{
    std::string all;
    if (!job.empty())
        all += "/job:" + job;
    if (replica >= 0)
        all += "/replica:" + std::to_string(replica);
    if (task >= 0)
        all += "/task:" + std::to_string(task);
    if (!type.empty())
        all += "/device:" + type + ":" + (index < 0 ? "*" : std::to_string(index));
    return all;
}

std::optional<std::vector<std::string>> placePlainly(const std::vector<PlainNode>& nodes,
                                                     const PlainMachine& machine, bool isSoft)
{
    std::vector<std::string> result(nodes.size());
    std::vector<bool> waits(nodes.size(), false);
    bool refused = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const PlainNode& own = nodes[i];
        if (own.kind == PlainNode::Kind::Generator && own.request.text().empty() &&
            reader(nodes, static_cast<int>(i)) >= 0) {
            waits[i] = true;
            continue;
        }
        if (own.with >= 0)
            continue; // goes with its variable
        // The variable speaks first, then its company in the order of creation.
        std::vector<std::size_t> company{i};
        PlainRequest wanted = own.request;
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            if (nodes[k].with != static_cast<int>(i))
                continue;
            company.push_back(k);
            if (agree(wanted, nodes[k].request))
                wanted = both(wanted, nodes[k].request);
        }
        std::string best;
        for (const char* const type : {"GPU", "TPU", "CPU"}) {
            for (const auto& device : machine.devices) {
                bool fits = device.first == type && agree(wanted.type, device.first) &&
                            (wanted.index < 0 || wanted.index == device.second);
                for (const std::size_t member : company)
                    fits = fits && keeps(machine, device.first, nodes[member]);
                if (fits && best.empty())
                    best = machineName(device);
            }
        }
        if (best.empty()) {
            refused = refused || !wanted.type.empty();
            for (const auto& device : machine.devices) {
                if (device.first == "CPU" && best.empty())
                    best = machineName(device);
            }
        }
        for (const std::size_t member : company)
            result[member] = taskName(wanted, nodes) + best;
    }
    if (refused && !isSoft)
        return std::nullopt;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (waits[i])
            result[i] = result[static_cast<std::size_t>(reader(nodes, static_cast<int>(i)))];
    }
    return result;
}

} // namespace wr::session
