// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/overlay/addon.hpp"

#include "early/system/root.hpp"
#include "hook/boot_params/run_command.hpp"
#include "hook/host/temporary_directory.hpp"

#include <cerrno>
#include <filesystem>
#include <vector>

namespace vfio_early {

namespace {

constexpr std::size_t largest_addon = std::size_t{1} << 30U;

} // namespace

Result<std::string> make_addon(const std::string& archive, const SigningKey& signing)
{
    const auto work = make_temporary_directory();
    if (!work)
        return std::unexpected(work.error());
    const auto directory = Root::open((*work)->path);
    if (!directory)
        return std::unexpected(directory.error());
    if (auto written = directory->replace_file("initrd", archive); !written)
        return std::unexpected(written.error());
    std::vector<std::string> command{"ukify", "build", "--initrd=" + (*work)->path + "/initrd",
                                     "--output=" + (*work)->path + "/addon"};
    if (!signing.key.empty()) {
        command.push_back("--secureboot-private-key=" + std::filesystem::absolute(signing.key).string());
        command.push_back("--secureboot-certificate=" + std::filesystem::absolute(signing.certificate).string());
    }
    if (auto ran = run_command(command, CommandOutput::to_errors); !ran) {
        if (ran.error().code == ENOENT)
            ran.error().detail = "install it (Debian 13 and later: package systemd-ukify), for it makes the add-on";
        return std::unexpected(ran.error());
    }
    return directory->read("addon", largest_addon);
}

} // namespace vfio_early
