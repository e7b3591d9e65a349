// SPDX-License-Identifier: GPL-2.0-or-later
// intel_iommu=: intel_iommu_setup() in drivers/iommu/intel/iommu.c; amd_iommu=: parse_amd_iommu_options() in
// drivers/iommu/amd/init.c; iommu=: iommu_setup() in arch/x86/kernel/pci-dma.c.
#include "hook/boot_params/boot_facts.hpp"

#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

constexpr std::uint16_t intel = 0x8086;
/// The kernel makes nothing of the firmware's framebuffer then (drivers/firmware/sysfb.c).
constexpr std::string_view no_framebuffer = "initcall_blacklist=sysfb_init";

bool is_integrated_graphics(const Function& function)
{
    return function.ids.vendor == intel && is_display(function.ids) && function.path.hops.empty();
}

class ChangeFinder {
public:
    ChangeFinder(const BootFacts& facts, const std::vector<const Function*>& wanted) : facts_(facts), wanted_(wanted) {}

    std::vector<ParameterChange> find()
    {
        for (const std::string& word : facts_.words)
            look_at(word);
        if (facts_.cpu == CpuVendor::intel && needs_intel_iommu())
            add("intel_iommu=on", facts_.groups ? "a function for a virtual machine is in no IOMMU group"
                                                : "this kernel leaves the IOMMU of an Intel machine off without it");
        const bool stays = std::ranges::any_of(
            wanted_, [&](const Function* function) { return facts_.framebuffer_stays == function->address; });
        if (stays && !facts_.has_word(no_framebuffer)) // where it has the word, this kernel ignores it
            add(std::string(no_framebuffer),
                "the firmware's framebuffer stays in the memory of a display that is to go to a virtual "
                "machine, which then could not map that memory");
        return std::move(changes_);
    }

private:
    void look_at(const std::string& word)
    {
        const auto equals = word.find('=');
        if (equals == std::string::npos)
            return;
        const std::string key = word.substr(0, equals);
        const auto options = split(std::string_view(word).substr(equals + 1), ',');
        const auto has = [&](std::string_view option) { return std::ranges::find(options, option) != options.end(); };
        const bool of_x86 = key == "iommu" || key == "intel_iommu" || key == "amd_iommu";
        if (of_x86 && has("off") && facts_.cpu != CpuVendor::arm)
            remove(word, true, "it switches the IOMMU off");
        else if (of_x86 && facts_.cpu == CpuVendor::arm)
            remove(word, false, "it does nothing on an arm64 machine");
        else if (key == "intel_iommu" && facts_.cpu == CpuVendor::amd)
            remove(word, false,
                   "it does nothing on an AMD machine, where the IOMMU is on as soon as the firmware offers it");
        else if (key == "amd_iommu" && facts_.cpu == CpuVendor::intel)
            remove(word, false, "it does nothing on an Intel machine");
        else if (key == "amd_iommu" && has("on") && options.size() == 1)
            remove(word, false, "amd_iommu= knows no \"on\": the IOMMU is on as soon as the firmware offers it");
        else if (key == "intel_iommu" && has("igfx_off") && gives_integrated_graphics())
            remove(word, true,
                   "igfx_off keeps the IOMMU away from the integrated graphics, which is to go to a virtual machine");
        else if (key == "video" && has_framebuffer_off(word) && facts_.kernel_is_at_least(6, 0))
            remove(word, false,
                   "since Linux 6.0 vfio-pci takes the firmware's framebuffer from a VGA card by itself, and "
                   "vfio-early takes it from any other");
    }

    static bool has_framebuffer_off(std::string_view word)
    {
        return word.find("efifb:off") != std::string_view::npos || word.find("vesafb:off") != std::string_view::npos ||
               word.find("simplefb:off") != std::string_view::npos;
    }

    bool gives_integrated_graphics() const
    {
        return std::ranges::any_of(wanted_, [](const Function* function) { return is_integrated_graphics(*function); });
    }

    bool needs_intel_iommu() const
    {
        const bool on = std::ranges::any_of(facts_.words, [](const std::string& word) {
            return word.starts_with("intel_iommu=") && word.find("on") != std::string::npos;
        });
        if (on)
            return false;
        if (facts_.groups)
            return std::ranges::any_of(wanted_, [](const Function* function) { return !function->group; });
        return !facts_.intel_default_on.value_or(false);
    }

    void add(std::string word, std::string why)
    {
        changes_.push_back({.add = true, .word = std::move(word), .required = true, .why = std::move(why)});
    }

    void remove(std::string word, bool required, std::string why)
    {
        changes_.push_back({.add = false, .word = std::move(word), .required = required, .why = std::move(why)});
    }

    const BootFacts& facts_;
    const std::vector<const Function*>& wanted_;
    std::vector<ParameterChange> changes_;
};

} // namespace

std::vector<ParameterChange> boot_changes(const BootFacts& facts, const std::vector<const Function*>& wanted)
{
    return ChangeFinder(facts, wanted).find();
}

std::string_view firmware_name_of_iommu(CpuVendor cpu)
{
    return cpu == CpuVendor::intel ? "VT-d (Intel Virtualization Technology for Directed I/O)"
           : cpu == CpuVendor::amd ? "the IOMMU (AMD-Vi; on many boards below Advanced > AMD CBS > NBIO) and SVM"
           : cpu == CpuVendor::arm ? "the SMMU (IOMMU)"
                                   : "the IOMMU";
}

} // namespace vfio_early
