// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as an image, given to `vfio-earlyctl inspect` on a recorded machine whose policy is that of the corpus.
#include "early/model/printable.hpp"
#include "hook/inspect/inspect_view.hpp"
#include "hook/ui/console.hpp"
#include "hook/ui/json.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/recorded_machine.hpp"

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace vfio_early;

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f\n";

/// What stays the same from image to image: the machine, and what is wanted of it.
class Bench {
public:
    Bench()
    {
        test::expand_machine("ryzen_3400g_iommu_on", tree_);
        tree_.write("etc/vfio-early.conf", policy);
        auto root = Root::open(tree_.path());
        CHECK(root);
        host_.emplace(Host{.unpacked = nullptr, .root = std::move(*root), .pci_ids = {}});
        policy_ = load_policy(host_->root, std::nullopt);
        CHECK(policy_.ok());
        inspector_.emplace(*host_, policy_, false, std::vector<std::string>{});
        CHECK(inspector_->notes().empty());
    }

    [[nodiscard]] Inspection inspect(std::string_view bytes) const
    {
        return inspector_->inspect({{.path = "/boot/image", .bytes = std::string(bytes)}}, "5.10.0-9-amd64");
    }

private:
    test::TemporaryTree tree_;
    std::optional<Host> host_;
    PolicyText policy_;
    std::optional<Inspector> inspector_;
};

/// What the command prints in one of its three ways.
template <typename Print>
std::string printed(Print print)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console{.out = out, .err = err};
    print(console);
    CHECK(err.str().empty());
    return out.str();
}

std::string whole(const Inspection& inspection)
{
    const std::string view =
        printed([&](Console& console) { print_inspection(inspection, "update-initramfs", console); });
    CHECK(printable_lines(view) == view);
    const std::string json = printed([&](Console& console) { print_json(inspection_json(inspection), console); });
    CHECK(nlohmann::json::accept(json));
    return view + verdict_line(inspection) + json;
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Bench bench;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Inspection inspection = bench.inspect(bytes);
    CHECK(whole(inspection) == whole(bench.inspect(bytes)));
    // An image is called good only if it has what a boot needs.
    if (inspection.good()) {
        CHECK(inspection.facts.hook.program && !inspection.facts.hook.started_by.empty());
        CHECK(inspection.facts.has_module("vfio-pci") && inspection.verdict.policy == PolicyState::current);
        CHECK(inspection.verdict.winners.size() == 2);
    }
    return 0;
}
