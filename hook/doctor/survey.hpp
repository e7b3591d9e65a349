// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/boot_params/boot_loader.hpp"
#include "hook/doctor/kernel_limits.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/import/resolve.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

enum class Severity : std::uint8_t {
    error,   ///< what the user wants cannot work like this
    warning, ///< it may fail, or does not do what the user thinks
    info,    ///< good to know
};

/// One result of `doctor`.
struct Finding {
    std::string id; ///< stable: "iommu-off-in-firmware"
    Severity severity = Severity::info;
    std::string summary{};               ///< one sentence, without a full stop
    std::vector<std::string> evidence{}; ///< what was seen, and where
    std::vector<std::string> remedy{};   ///< what to do, a step a line; empty: nothing needs to be done
};

/// An initramfs image in /boot.
struct BootImage {
    std::string path;
    std::string release;
    std::int64_t modified = 0; ///< seconds since 1970
};

/// What kind of file binds functions, which decides how to remove that from it.
enum class FileKind : std::uint8_t {
    whole,          ///< it does nothing else
    image_settings, ///< the configuration of an image generator, with much else in it
    unit,           ///< a systemd unit, which is in no image
    start_script,   ///< in no image, and with much else in it
};

/// A file of the user's own that takes part in making or running an image.
struct HookFile {
    std::string path;
    std::string line; ///< its first line that names vfio-pci, pci-stub or driver_override
    unsigned number = 0;
    FileKind kind = FileKind::whole;
    std::vector<Address> addresses; ///< that stand anywhere in the file
};

/// Something that makes vfio-pci or pci-stub load early.
struct EarlyLoader {
    std::string module; ///< before this one; empty: before all
};

/// A virtual machine of libvirt, and the host's functions in it.
struct Domain {
    std::string name;
    std::string file;
    std::vector<std::pair<Address, unsigned>> functions; ///< with the number of the line that names each
};

/// What was found out about a system. The checks are pure functions of it.
struct Survey {
    Outlook outlook;
    PolicyText policy;
    std::vector<EarlyLoader> modules_early; ///< what makes vfio-pci load before native drivers
    Imported imported;                      ///< from all files of the system
    std::vector<const Function*> wanted;    ///< by the policy, or by other ways of binding
    std::vector<Domain> domains;
    BootFacts boot;
    BootLoader boot_loader;
    KernelLimits limits;
    std::vector<BootImage> images;
    std::int64_t policy_modified = 0; ///< the newest file of the policy; 0: unknown
    std::string policy_newest;        ///< its name
    std::vector<HookFile> hooks;
    std::vector<std::string> unreadable; ///< files that could not be read, with the reason
    ImageTool image_tool = ImageTool::unknown;
    std::string other_image_tool; ///< one that does not know vfio-early

    [[nodiscard]] const Machine& machine() const { return outlook.machine; }
    /// True if the policy binds the function, even if only once the IOMMU is on.
    [[nodiscard]] bool takes(const Address& address) const;
    [[nodiscard]] bool wants(const Address& address) const;
};

/// Reads everything the checks need, with the given policy. Fails if the PCI functions cannot be read.
[[nodiscard]] Result<Survey> examine(const Host& host, const HostOptions& options, PolicyText policy);

/// Runs all checks; errors first, then warnings.
[[nodiscard]] std::vector<Finding> find_findings(const Survey& survey);

} // namespace vfio_early
