// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/facts.hpp"
#include "hook/host/host.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/inspect/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// One image, looked at.
struct Inspection {
    std::string path;                        ///< as the user would name it
    std::string release;                     ///< of its kernel; empty: not known
    std::vector<std::string> with{};         ///< files that are loaded with it, in order
    std::optional<SystemError> unreadable{}; ///< it is no image, or a damaged one; then nothing below is known
    ImageFacts facts{};
    ImageVerdict verdict{};

    [[nodiscard]] bool good() const { return !unreadable && verdict.good(); }
};

/// A file that is loaded with others.
struct LoadedFile {
    std::string path;  ///< as the user would name it
    std::string bytes; ///< the whole of it
};

/// What images are held against: this machine, and its policy.
class Inspector {
public:
    /// Looks at the machine. Where it is not the one that will boot (a chroot, a container), or PCI cannot be seen, the
    /// images themselves are looked at and nothing is said of functions; notes() tells why. `host` and `policy` outlive
    /// it.
    Inspector(const Host& host, const PolicyText& policy, bool policy_is_a_file, std::vector<std::string> profiles);

    /// `files`: an image, and what is loaded with it, in the order in which the kernel unpacks them; `named`: that of
    /// the image among them. `release`: of its kernel if the name tells, for images that do not.
    [[nodiscard]] Inspection inspect(const std::vector<LoadedFile>& files, const std::string& release,
                                     std::size_t named = 0) const;

    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    void judge_image(Inspection& inspection) const;
    [[nodiscard]] BootRequest request_for(const ImageFacts& image) const;

    const Root& root_;
    std::vector<PolicyFile> wanted_;
    bool wanted_is_fallback_; ///< the policy of now has errors
    Policy policy_;           ///< with the facts of now
    Facts facts_;
    std::optional<Machine> machine_; ///< as the next boot finds it
    bool secure_boot_ = false;
    std::vector<std::string> profiles_;
    std::vector<std::string> notes_;
};

} // namespace vfio_early
