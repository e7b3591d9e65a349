// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/image/image_contents.hpp"
#include "hook/inspect/inspect_view.hpp"
#include "hook/overlay/addon.hpp"
#include "hook/overlay/overlay_parts.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace vfio_early {

namespace {

constexpr std::size_t largest_base = std::size_t{2} << 30U;

/// One overlay: for which kernel, and beside which image.
class OverlayRun {
public:
    OverlayRun(const CommandLine& line, const Host& host, Console& console)
        : line_(line), host_(host), console_(console), policy_(line.load_policy(host)), target_(line.operands().front())
    {
    }

    int make()
    {
        // Unlike an image of a kernel upgrade, nobody waits for this one.
        if (!policy_.ok())
            return exit_usage;
        if (line_.has("base"))
            read_base();
        const ImageContents contents =
            image_contents(host_.root, image_policy(host_.root, policy_, line_.has("policy")), line_.text("kernel"));
        for (const std::string& warning : contents.warnings)
            console_.err << "vfio-early: warning: " << printable(warning) << '\n';
        OverlayTree tree = or_end(overlay_program(host_.root), console_);
        add_policy(tree, contents.files);
        if (line_.has("kernel"))
            or_end(add_modules(tree, host_.root, line_.text("kernel"), lacking(contents.modules.present)), console_);
        std::string bytes = or_end(write_cpio(tree), console_);
        if (line_.has("addon"))
            bytes = or_end(make_addon(bytes, {.key = line_.text("key"), .certificate = line_.text("cert")}), console_);
        console_.err << "vfio-early: " << printable(contents.verdict) << '\n';
        return base_ ? write_beside_base(bytes) : write_alone(bytes);
    }

private:
    void read_base()
    {
        const std::string path = line_.text("base");
        std::error_code ignored;
        if (std::filesystem::equivalent(path, target_, ignored))
            throw CommandEnd(line_.usage_error("the overlay would replace the image " + path));
        base_ = LoadedFile{.path = path, .bytes = or_end(read_regular_file(path, largest_base), console_)};
        auto content = read_image(base_->bytes);
        if (!content) {
            content.error().on = path;
            throw CommandEnd(report_error(content.error(), console_));
        }
        base_facts_ = image_facts(*content);
    }

    /// Those that the image which the overlay goes beside has not got: all, where that is not known.
    [[nodiscard]] std::vector<std::string> lacking(std::vector<std::string> modules) const
    {
        const std::vector<std::string>& releases = base_facts_.releases;
        if (std::ranges::find(releases, line_.text("kernel")) != releases.end())
            std::erase_if(modules, [this](const std::string& module) { return base_facts_.has_module(module); });
        return modules;
    }

    int write_alone(const std::string& bytes)
    {
        write(bytes);
        console_.err << "vfio-early: vfio-earlyctl inspect IMAGE --with " << printable(target_.string())
                     << " says what a boot of IMAGE with it will do\n";
        return exit_ok;
    }

    int write_beside_base(const std::string& bytes)
    {
        const Inspector inspector(host_, policy_, line_.has("policy"), {});
        const Inspection both = inspector.inspect({*base_, {.path = target_.string(), .bytes = bytes}}, {});
        if (both.facts.hook.started_by.empty()) {
            console_.err << "vfio-earlyctl: nothing in " << printable(base_->path)
                         << " would start vfio-early: it has neither systemd nor the scripts of initramfs-tools\n";
            return exit_refused;
        }
        write(bytes);
        console_.err << "vfio-early: " << printable(verdict_line(both)) << '\n';
        return both.good() ? exit_ok : exit_refused;
    }

    /// The file as a whole, or none; not into a directory that is not there.
    void write(const std::string& bytes)
    {
        const auto directory =
            or_end(Root::open(target_.has_parent_path() ? target_.parent_path().string() : "."), console_);
        or_end(directory.replace_file(target_.filename().string(), bytes), console_);
    }

    const CommandLine& line_;
    const Host& host_;
    Console& console_;
    PolicyText policy_;
    std::filesystem::path target_;
    std::optional<LoadedFile> base_;
    ImageFacts base_facts_;
};

} // namespace

int run_overlay(const Invocation& invocation)
{
    CommandLine line(
        invocation, "FILE [OPTION...]",
        "Writes what an initramfs image needs to run vfio-early as an archive of its own, which is loaded beside an\n"
        "image that cannot be made anew: a second initrd, or an add-on of a unified kernel image. It has the program,\n"
        "what starts it, the policy, and what this machine needs. Exit code 1 if IMAGE will not do with it what the\n"
        "policy says.");
    line.add_option("kernel", "RELEASE",
                    "add the modules of this kernel that the image lacks; all of VFIO without --base");
    line.add_option("base", "IMAGE", "the image that it goes beside: say what a boot of both will do");
    line.add_flag("addon", "write an add-on of unified kernel images, made by ukify; FILE ends in .addon.efi");
    line.add_option("key", "FILE", "sign the add-on with this private key, for Secure Boot");
    line.add_option("cert", "FILE", "its certificate");
    line.add_host_options();
    line.allow_operands(1);
    line.parse();
    if (line.operands().size() != 1)
        return line.usage_error("give the FILE to write");
    if (line.has("addon") && !line.operands().front().ends_with(addon_suffix))
        return line.usage_error(std::string("the name of an add-on ends in ") + addon_suffix);
    if (line.has("key") != line.has("cert") || (line.has("key") && !line.has("addon")))
        return line.usage_error("--key and --cert go together, and with --addon");
    const Host host = line.open_host();
    return OverlayRun(line, host, invocation.console).make();
}

} // namespace vfio_early
