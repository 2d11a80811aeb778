// SPDX-License-Identifier: GPL-3.0-or-later
// The door of one build of the kernels. As a module it exports weightroom_backend_module(); the baseline,
// which is linked in, exports weightroom_cpu_baseline() instead.
#include "engine/backend/module.h"
#include "engine/cpu/kernel_list.h"

#define WR_TEXT_OF(name) WR_TEXT_OF_INNER(name)
#define WR_TEXT_OF_INNER(name) #name

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

// The runtime asks before it loads a module whether this processor has its instructions, so here it has.
std::int32_t score()
{
    return WR_CPU_SCORE;
}

const char* unavailableReason()
{
    return "";
}

const backend::BackendModule& module()
{
    static const std::vector<KernelEntry> kTable = [] {
        std::vector<KernelEntry> table;
        addElementwise(table);
        addComparisons(table);
        addActivations(table);
        addArrays(table);
        addSelection(table);
        addConvolutions(table);
        addDepthwise(table);
        addPools(table);
        addUnary(table);
        addCasts(table);
        addInitialValues(table);
        addMatMul(table);
        addShapeOps(table);
        addReductions(table);
        addClassification(table);
        addUpdates(table);
        addOptimizerUpdates(table);
        addOrthogonal(table);
        addSlices(table);
        addScatters(table);
        return table;
    }();
    static const backend::BackendModule kModule = [] {
        backend::BackendModule made;
        made.buildId = WEIGHTROOM_BUILD_ID;
        made.deviceType = "cpu";
        made.variant = WR_TEXT_OF(WR_CPU_VARIANT);
        made.score = score;
        made.unavailableReason = unavailableReason;
        made.kernels = kTable.data();
        made.kernelCount = kTable.size();
        return made;
    }();
    return kModule;
}

} // namespace
} // namespace wr::cpu::WR_CPU_VARIANT

#if WR_CPU_SCORE == 1
extern "C" const wr::backend::BackendModule* weightroom_cpu_baseline()
#else
extern "C" __attribute__((visibility("default"))) const wr::backend::BackendModule*
weightroom_backend_module()
#endif
{
    return &wr::cpu::WR_CPU_VARIANT::module();
}
