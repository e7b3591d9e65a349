// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "hook/inspect/image_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// The policy of an image, held against what an image made now would have.
enum class PolicyState : std::uint8_t {
    current,   ///< the same, file by file
    different, ///< it was made before the policy was edited
    absent,    ///< the image has no policy at all
    wrong,     ///< it has an error, and nothing is bound at boot
};

[[nodiscard]] std::string_view policy_state_word(PolicyState state);

/// `files`: of the image without its facts; `wanted`: what the image step would put into it. Pure.
[[nodiscard]] PolicyState policy_state(const std::vector<PolicyFile>& files, const std::vector<PolicyFile>& wanted);

/// Who gets one function at the next boot with this image.
struct Winner {
    Address address;
    Ids ids;
    bool ours = false;  ///< as the policy of now says: bound by us, or given virtual functions
    std::string driver; ///< empty: nobody
    unsigned vfs = 0;   ///< so many virtual functions will be created on it; it stays with its native driver
    std::string why;
    std::vector<std::string> native;          ///< modules that would drive it, best first
    std::vector<std::string> native_in_image; ///< those of them that the image holds, or its kernel has built in
};

/// Something that is wrong with an image, or worth knowing.
struct ImageRemark {
    std::string id; ///< stays the same: "old-policy"
    bool problem = false;
    std::string text;
};

/// What there is to decide with. Without a machine (a chroot) `machine` is null and nothing is said of functions.
struct VerdictInput {
    const ImageFacts& image;
    const std::vector<PolicyFile>& wanted; ///< what the image step would put into it now
    const Machine* machine = nullptr;      ///< as the next boot finds it
    const Plan* now = nullptr;             ///< of the policy of now, for this kernel; null without a machine
    const Plan* inside = nullptr;          ///< of the image's own policy, facts and modules; null without a machine
    const ModuleCatalog* kernel = nullptr; ///< all modules of the kernel; null without a machine
    bool wanted_is_fallback = false;       ///< the policy of now has errors, so that `wanted` is another
    bool facts_differ = false;             ///< an image made now would protect other functions
};

struct ImageVerdict {
    PolicyState policy = PolicyState::absent;
    bool machine_seen = false;   ///< else there are no winners, and the image alone was judged
    std::vector<Winner> winners; ///< one for each function that either policy speaks of, in order of address
    std::vector<ImageRemark> remarks;

    /// True if nothing is wrong: every function goes where the policy says.
    [[nodiscard]] bool good() const;
};

/// Decides. Pure.
[[nodiscard]] ImageVerdict judge(const VerdictInput& input);

} // namespace vfio_early
