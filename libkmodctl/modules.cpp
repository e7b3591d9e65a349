// SPDX-License-Identifier: GPL-2.0-or-later
// The only source that includes <libkmod.h>.
#include "libkmodctl/modules.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <cerrno>
#include <libkmod.h>
#include <unistd.h>
#include <utility>

namespace libkmodctl {

namespace {

using vfio_early::add_new;
using vfio_early::normal_module_name;
using Kind = ModuleError::Kind;
using Names = std::vector<std::string>;

std::unexpected<ModuleError> error(Kind kind, std::string_view module, std::string doing, int code = 0)
{
    return std::unexpected(ModuleError{kind, normal_module_name(module), std::move(doing), code});
}

// libkmod would print to standard error, which early userspace sends to the console.
void no_log(void*, int, const char*, int, const char*, const char*, va_list) {}

// A name that may be made part of a path below /sys/module.
bool is_name(std::string_view name)
{
    return !name.empty() && name.size() < 256 &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127 && c != '/' && c != '.'; });
}

std::string name_of(const kmod_module* module)
{
    return normal_module_name(kmod_module_get_name(module));
}

// Each once.
Names names_of(kmod_list* list)
{
    Names names;
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, list)
    {
        kmod_module* const module = kmod_module_get_module(entry);
        add_new(names, name_of(module));
        kmod_module_unref(module);
    }
    return names;
}

} // namespace

void Modules::Unref::operator()(kmod_ctx* ctx) const
{
    kmod_unref(ctx);
}

void Modules::Unref::operator()(kmod_module* module) const
{
    kmod_module_unref(module);
}

void Modules::Unref::operator()(kmod_list* list) const
{
    kmod_module_unref_list(list);
}

Modules::Modules(const Options& options) : modules_dir_(options.modules_dir), live_(options.live)
{
    std::vector<const char*> paths;
    if (options.config_paths)
        for (const std::string& path : *options.config_paths)
            paths.push_back(path.c_str());
    paths.push_back(nullptr);
    ctx_.reset(kmod_new(modules_dir_.c_str(), options.config_paths ? paths.data() : nullptr));
    for (const std::string& name : options.blacklist)
        blacklist_.push_back(normal_module_name(name));
}

std::expected<Modules, ModuleError> Modules::open(const Options& options)
{
    // libkmod itself takes any folder and then finds nothing in it.
    const std::string index = options.modules_dir + "/modules.dep.bin";
    if (access(index.c_str(), R_OK) != 0)
        return error(Kind::missing, "", "no module tree: " + index, errno);
    Modules modules(options);
    if (!modules.ctx_)
        return error(Kind::failed, "", "libkmod cannot read " + options.modules_dir, errno != 0 ? errno : ENOMEM);
    kmod_set_log_fn(modules.ctx_.get(), no_log, nullptr);
    // Keeps the indexes mapped. Without one of the indexes it fails, and each look-up opens what it needs.
    kmod_load_resources(modules.ctx_.get());
    return modules;
}

Modules::ModulePtr Modules::module(std::string_view name) const
{
    kmod_module* module = nullptr;
    if (!is_name(name) || kmod_module_new_from_name(ctx_.get(), std::string(name).c_str(), &module) < 0)
        return nullptr;
    // libkmod gives the one that it has, with the dependencies it has read, as long as anybody holds it. Otherwise
    // each question reads the index again, and looks for each file that it names.
    if (std::ranges::find(known_, module, &ModulePtr::get) == known_.end())
        known_.emplace_back(kmod_module_ref(module));
    return ModulePtr(module);
}

// modules.builtin, as the tree says it, without a look at the live kernel.
bool Modules::in_builtin_index(const kmod_module* module) const
{
    kmod_module* found = nullptr;
    kmod_module_new_from_name_lookup(ctx_.get(), kmod_module_get_name(module), &found);
    const ModulePtr owner(found);
    return found != nullptr && kmod_module_get_path(found) == nullptr;
}

ModuleState Modules::state_of(const kmod_module* module) const
{
    const bool has_file = kmod_module_get_path(module) != nullptr;
    switch (live_ ? kmod_module_get_initstate(module) : -ENOENT) {
    case KMOD_MODULE_BUILTIN:
        return ModuleState::builtin;
    case KMOD_MODULE_LIVE:
        return ModuleState::loaded;
    case KMOD_MODULE_COMING: // also said of a folder below /sys/module without initstate: a built-in one
        return has_file ? ModuleState::loadable : ModuleState::builtin;
    default:
        if (has_file)
            return ModuleState::loadable;
        return in_builtin_index(module) ? ModuleState::builtin : ModuleState::missing;
    }
}

ModuleState Modules::state(std::string_view name) const
{
    const ModulePtr found = module(name);
    return found ? state_of(found.get()) : ModuleState::missing;
}

// The order is libkmod's own, but it does not insert: it would not tell which module failed, and it runs `install`
// commands, or, where the module has soft dependencies, forgets them.
std::expected<std::vector<std::string>, ModuleError> Modules::probe_order(kmod_module* target) const
{
    static thread_local Names* order; // nothing of ours is handed to the callback
    Names names;
    order = &names;
    const unsigned flags = KMOD_PROBE_DRY_RUN | (live_ ? 0U : static_cast<unsigned>(KMOD_PROBE_IGNORE_LOADED));
    const int code = kmod_module_probe_insert_module(
        target, flags, nullptr, nullptr, nullptr,
        [](kmod_module* module, bool, const char*) { add_new(*order, name_of(module)); });
    if (code < 0)
        return error(Kind::failed, name_of(target), "find out what it needs", -code);
    return names;
}

// What is known to be against inserting a module, before it is tried.
std::expected<void, ModuleError> Modules::may_insert(const std::string& name) const
{
    const ModulePtr wanted = module(name);
    if (std::ranges::find(blacklist_, name) != blacklist_.end())
        return error(Kind::blacklisted, name, "blacklisted on the kernel command line");
    if (const char* const command = kmod_module_get_install_commands(wanted.get()); command != nullptr) {
        return error(Kind::refused, name,
                     "modprobe.d has an install command, which is never run: " + std::string(command));
    }
    const char* const file = kmod_module_get_path(wanted.get());
    if (file == nullptr)
        return error(Kind::missing, name, "no such module in " + modules_dir_);
    if (access(file, R_OK) != 0)
        return error(Kind::missing, name, "cannot read " + std::string(file), errno);
    return {};
}

// What must be inserted, as against what is softly wanted besides.
std::vector<std::string> Modules::required_for(std::string_view name) const
{
    Names required = dependencies(name);
    required.push_back(normal_module_name(name));
    return required;
}

std::expected<std::vector<std::string>, ModuleError> Modules::plan(std::string_view name) const
{
    const ModulePtr target = module(name);
    if (!target)
        return error(Kind::missing, name, "no such module in " + modules_dir_);
    // libkmod leaves out what is there, but for a built-in module that its index lacks, or one of a tree that is not
    // live.
    const auto is_builtin = [this](std::string_view module) {
        return !path(module) && state(module) == ModuleState::builtin;
    };
    Names wanted;
    if (is_builtin(name))
        return wanted;
    auto order = probe_order(target.get());
    if (!order)
        return order;
    const Names required = required_for(name);
    for (std::string& next : *order) {
        if (is_builtin(next))
            continue;
        if (auto may = may_insert(next))
            wanted.push_back(std::move(next));
        else if (std::ranges::find(required, next) != required.end())
            return std::unexpected(std::move(may.error()));
    }
    return wanted;
}

// EEXIST is success: somebody else was faster.
std::expected<void, ModuleError> Modules::insert(const std::string& name, std::string_view options) const
{
    const ModulePtr next = module(name);
    std::string arguments = configured_options(name);
    if (!options.empty()) {
        arguments += arguments.empty() ? "" : " ";
        arguments += options;
    }
    const int code = kmod_module_insert_module(next.get(), 0, arguments.c_str());
    if (code < 0 && code != -EEXIST)
        return error(Kind::failed, name, "insert " + std::string(kmod_module_get_path(next.get())), -code);
    return {};
}

std::expected<void, ModuleError> Modules::load(std::string_view name, std::string_view options)
{
    if (!live_)
        return error(Kind::refused, name, modules_dir_ + " is not of the running kernel");
    const auto wanted = plan(name);
    if (!wanted)
        return std::unexpected(wanted.error());
    const Names required = required_for(name);
    const std::string target = normal_module_name(name);
    for (const std::string& next : *wanted) {
        auto done = insert(next, next == target ? options : std::string_view());
        if (!done && std::ranges::find(required, next) != required.end())
            return done;
    }
    return {};
}

std::expected<std::vector<std::string>, ModuleError> Modules::lookup(std::string_view alias) const
{
    if (alias.empty() || alias.size() > 1000 || alias.find('\0') != std::string_view::npos)
        return error(Kind::failed, "", "look up an alias", EINVAL);
    kmod_list* found = nullptr;
    const int code = kmod_module_new_from_lookup(ctx_.get(), std::string(alias).c_str(), &found);
    const ListPtr list(found);
    if (code < 0)
        return error(Kind::failed, "", "look up " + std::string(alias), -code);
    return names_of(list.get());
}

std::optional<std::string> Modules::path(std::string_view name) const
{
    const ModulePtr found = module(name);
    const char* const path = found ? kmod_module_get_path(found.get()) : nullptr;
    return path != nullptr ? std::optional<std::string>(path) : std::nullopt;
}

std::vector<std::string> Modules::dependencies(std::string_view name) const
{
    const ModulePtr found = module(name);
    const ListPtr list(found ? kmod_module_get_dependencies(found.get()) : nullptr);
    return names_of(list.get());
}

std::string Modules::configured_options(std::string_view name) const
{
    const ModulePtr found = module(name);
    const char* const options = found ? kmod_module_get_options(found.get()) : nullptr;
    return options != nullptr ? options : "";
}

std::optional<bool> Modules::is_signed(std::string_view name) const
{
    const ModulePtr found = path(name) ? module(name) : nullptr;
    kmod_list* list = nullptr;
    if (!found || kmod_module_get_info(found.get(), &list) < 0)
        return std::nullopt;
    bool is_signed = false;
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, list)
    {
        is_signed = is_signed || std::string_view(kmod_module_info_get_key(entry)) == "sig_id";
    }
    kmod_module_info_free_list(list);
    return is_signed;
}

} // namespace libkmodctl
