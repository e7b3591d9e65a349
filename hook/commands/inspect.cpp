// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/inspect/addons.hpp"
#include "hook/inspect/inspect_view.hpp"
#include "hook/inspect/installed_images.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <ostream>

namespace vfio_early {

namespace {

constexpr std::size_t largest_image = std::size_t{2} << 30U;

/// A file of the caller's.
Result<std::string> read_named(const std::string& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file)
        return system_error("open", path, errno);
    return read_up_to(file, largest_image);
}

/// Reads one image after the other, so that only one is in memory at a time.
class Run {
public:
    Run(const CommandLine& line, const Host& host, const Inspector& inspector, Console& console)
        : line_(line), root_(host.root), inspector_(inspector), console_(console), tool_(find_image_tool(host.root))
    {
    }

    int operands()
    {
        for (const std::string& path : line_.operands()) {
            std::vector<LoadedFile> files = named("before");
            const std::size_t place = files.size();
            files.push_back({.path = path, .bytes = or_end(read_named(path), console_)});
            const std::string whole = std::filesystem::absolute(path).string();
            add_addons(files, or_end(Root::open("/"), console_), whole.substr(1));
            std::ranges::move(named("with"), std::back_inserter(files));
            show(inspector_.inspect(files, {}, place));
        }
        return finish();
    }

    int all()
    {
        const std::vector<InstalledImage> images = installed_images(root_);
        for (const InstalledImage& image : images) {
            std::string bytes = or_end(root_.read(image.path, largest_image), console_);
            std::vector<LoadedFile> files{{.path = "/" + image.path, .bytes = std::move(bytes)}};
            add_addons(files, root_, image.path);
            show(inspector_.inspect(files, image.release));
        }
        for (const std::string& release : kernels_without_image(root_, images)) {
            const SystemError none{.doing = "find", .on = "its image", .code = 0, .detail = "this kernel has none"};
            show({.path = "/boot/vmlinuz-" + release, .release = release, .unreadable = none});
        }
        if (shown_ == 0) {
            console_.err << "vfio-earlyctl: no initramfs image is installed\n";
            good_ = false;
        }
        return finish();
    }

private:
    /// The files that an option names.
    [[nodiscard]] std::vector<LoadedFile> named(const char* option) const
    {
        std::vector<LoadedFile> files;
        for (const std::string& path : line_.list(option))
            files.push_back({.path = path, .bytes = or_end(read_named(path), console_)});
        return files;
    }

    /// What systemd-stub would load with an image, which is a path below `root`.
    void add_addons(std::vector<LoadedFile>& files, const Root& root, const std::string& image) const
    {
        for (const std::string& addon : addons_of(root, image))
            files.push_back({.path = "/" + addon, .bytes = or_end(root.read(addon, largest_image), console_)});
    }

    void show(const Inspection& inspection)
    {
        good_ = good_ && inspection.good();
        if (line_.has("json"))
            json_.push_back(inspection_json(inspection));
        else if (line_.has("verdict"))
            console_.out << printable(verdict_line(inspection)) << '\n';
        else {
            console_.out << (shown_ == 0 ? "" : "\n");
            print_inspection(inspection, image_command(tool_, inspection.release), console_);
        }
        ++shown_;
    }

    int finish()
    {
        if (line_.has("json"))
            print_json({{"schema", 1}, {"images", json_}}, console_);
        return good_ ? exit_ok : exit_refused;
    }

    const CommandLine& line_;
    const Root& root_;
    const Inspector& inspector_;
    Console& console_;
    ImageTool tool_;
    nlohmann::ordered_json json_ = nlohmann::ordered_json::array();
    std::size_t shown_ = 0;
    bool good_ = true;
};

} // namespace

int run_inspect(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "IMAGE... | --all [OPTION...]",
        "Opens initramfs images and unified kernel images and says what a boot with them will do: whether the policy\n"
        "in them is the one of now, whether vfio-early runs first, which modules are there, and who gets each\n"
        "function. Exit code 1 if something is wrong with an image.");
    line.add_flag("all,a", "every image of this system");
    line.add_flag("verdict", "one line for each image");
    line.add_list_option("with", "FILE", "as if FILE, an overlay, were loaded behind each IMAGE");
    line.add_list_option("before", "FILE", "the same, before each IMAGE");
    line.add_profile_option();
    line.add_reading_options();
    line.allow_operands(-1);
    line.parse();
    if (line.has("all") == !line.operands().empty())
        return line.usage_error("give images, or --all");
    if (line.has("all") && (line.has("with") || line.has("before")))
        return line.usage_error("--with and --before go with images that are named");

    const Host host = line.open_host();
    const PolicyText policy = line.load_policy(host);
    const Inspector inspector(host, policy, line.has("policy"), line.list("profile"));
    if (!line.has("verdict"))
        print_notes(inspector.notes(), console);
    Run run(line, host, inspector, console);
    const int code = line.has("all") ? run.all() : run.operands();
    return policy.ok() ? code : exit_usage;
}

} // namespace vfio_early
