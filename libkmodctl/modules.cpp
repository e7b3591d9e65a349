// SPDX-License-Identifier: GPL-2.0-or-later
// The only source that includes <libkmod.h>.
#include "libkmodctl/modules.hpp"

#include "early/model/text.hpp"
#include "libkmodctl/probe_order.hpp"

#include <algorithm>
#include <cerrno>
#include <libkmod.h>
#include <unistd.h>
#include <utility>

namespace libkmodctl {

namespace {

using vfio_early::normal_module_name;

struct Unref {
    void operator()(kmod_ctx* ctx) const { kmod_unref(ctx); }
    void operator()(kmod_module* module) const { kmod_module_unref(module); }
    void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
};
using CtxPtr = std::unique_ptr<kmod_ctx, Unref>;
using ModulePtr = std::unique_ptr<kmod_module, Unref>;
using ListPtr = std::unique_ptr<kmod_list, Unref>;

using Kind = ModuleError::Kind;

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
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127 && c != '/' && c != '.'; });
}

std::string name_of(const kmod_module* module)
{
    return normal_module_name(kmod_module_get_name(module));
}

bool contains(const std::vector<std::string>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> names_of(kmod_list* list)
{
    std::vector<std::string> names;
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, list)
    {
        const ModulePtr module(kmod_module_get_module(entry));
        names.push_back(name_of(module.get()));
    }
    return names;
}

} // namespace

struct Modules::Context {
    CtxPtr ctx;
    std::string modules_dir;
    std::vector<std::string> blacklist;
    bool live = true;
    mutable std::vector<ModulePtr> known; ///< each that was asked for by name

    [[nodiscard]] ModulePtr module(std::string_view name) const
    {
        kmod_module* module = nullptr;
        if (!is_name(name) || kmod_module_new_from_name(ctx.get(), std::string(name).c_str(), &module) < 0)
            return nullptr;
        // libkmod gives the one that it has, with the dependencies it has read, as long as anybody holds it. Otherwise
        // each question reads the index again, and looks for each file that it names.
        if (std::ranges::find(known, module, &ModulePtr::get) == known.end())
            known.emplace_back(kmod_module_ref(module));
        return ModulePtr(module);
    }

    // modules.builtin, as the tree says it, without a look at the live kernel.
    [[nodiscard]] bool in_builtin_index(const kmod_module* module) const
    {
        kmod_module* found = nullptr;
        kmod_module_new_from_name_lookup(ctx.get(), kmod_module_get_name(module), &found);
        const ModulePtr owner(found);
        return found != nullptr && kmod_module_get_path(found) == nullptr;
    }

    [[nodiscard]] ModuleState state(const kmod_module* module) const
    {
        const bool has_file = kmod_module_get_path(module) != nullptr;
        switch (live ? kmod_module_get_initstate(module) : -ENOENT) {
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

    [[nodiscard]] std::vector<std::string> dependencies(std::string_view name) const
    {
        const ModulePtr owner = module(name);
        const ListPtr list(kmod_module_get_dependencies(owner.get()));
        return names_of(list.get());
    }

    [[nodiscard]] Wants wants(std::string_view name) const
    {
        const ModulePtr owner = module(name);
        kmod_list* pre = nullptr;
        kmod_list* post = nullptr;
        kmod_module_get_softdeps(owner.get(), &pre, &post);
        const ListPtr before(pre);
        const ListPtr after(post);
        return {dependencies(name), names_of(before.get()), names_of(after.get())};
    }

    // What is known to be against inserting a module, before it is tried.
    [[nodiscard]] std::expected<void, ModuleError> may_insert(const std::string& name, const kmod_module* module) const
    {
        if (contains(blacklist, name))
            return error(Kind::blacklisted, name, "blacklisted on the kernel command line");
        if (const char* const command = kmod_module_get_install_commands(module); command != nullptr) {
            return error(Kind::refused, name,
                         "modprobe.d has an install command, which is never run: " + std::string(command));
        }
        const char* const file = kmod_module_get_path(module);
        if (file == nullptr)
            return error(Kind::missing, name, "no such module in " + modules_dir);
        if (access(file, R_OK) != 0)
            return error(Kind::missing, name, "cannot read " + std::string(file), errno);
        return {};
    }

    // What is left to do for `target`. Soft dependencies that may not be inserted go to `skipped`.
    [[nodiscard]] std::expected<std::vector<ProbeStep>, ModuleError> to_insert(const std::string& target,
                                                                               std::vector<ModuleError>* skipped) const
    {
        std::vector<ProbeStep> steps;
        for (ProbeStep& step : probe_order(target, [this](const std::string& name) { return wants(name); })) {
            const ModulePtr next = module(step.module);
            const ModuleState now = next ? state(next.get()) : ModuleState::missing;
            if (now == ModuleState::loaded || now == ModuleState::builtin)
                continue;
            std::expected<void, ModuleError> may = may_insert(step.module, next.get());
            if (may)
                steps.push_back(std::move(step));
            else if (step.required)
                return std::unexpected(std::move(may.error()));
            else if (skipped != nullptr)
                skipped->push_back(std::move(may.error()));
        }
        return steps;
    }

    [[nodiscard]] static std::string configured_options(const kmod_module* module)
    {
        const char* const options = kmod_module_get_options(module);
        return options != nullptr ? options : "";
    }

    // Inserts one module, by its file and its configured options. EEXIST is success: somebody else was faster.
    [[nodiscard]] std::expected<LoadOutcome, ModuleError> insert(std::string_view name, std::string_view options) const
    {
        const ModulePtr next = module(name);
        std::string arguments = configured_options(next.get());
        if (!options.empty()) {
            arguments += arguments.empty() ? "" : " ";
            arguments += options;
        }
        const int code = kmod_module_insert_module(next.get(), 0, arguments.c_str());
        if (code < 0 && code != -EEXIST)
            return error(Kind::failed, name, "insert " + std::string(kmod_module_get_path(next.get())), -code);
        return code < 0 ? LoadOutcome::already_loaded : LoadOutcome::inserted;
    }
};

Modules::Modules(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Modules::Modules(Modules&& other) noexcept = default;
Modules& Modules::operator=(Modules&& other) noexcept = default;
Modules::~Modules() = default;

std::expected<Modules, ModuleError> Modules::open(const Options& options)
{
    // libkmod itself takes any folder and then finds nothing in it.
    const std::string index = options.modules_dir + "/modules.dep.bin";
    if (access(index.c_str(), R_OK) != 0)
        return error(Kind::missing, "", "no module tree: " + index, errno);
    std::vector<const char*> paths;
    if (options.config_paths) {
        std::transform(options.config_paths->begin(), options.config_paths->end(), std::back_inserter(paths),
                       [](const std::string& path) { return path.c_str(); });
        paths.push_back(nullptr);
    }
    auto context = std::make_unique<Context>();
    context->ctx.reset(kmod_new(options.modules_dir.c_str(), options.config_paths ? paths.data() : nullptr));
    if (!context->ctx)
        return error(Kind::failed, "", "libkmod cannot read " + options.modules_dir, errno != 0 ? errno : ENOMEM);
    kmod_set_log_fn(context->ctx.get(), no_log, nullptr);
    // Keeps the indexes mapped. Without one of the indexes it fails, and each look-up opens what it needs.
    kmod_load_resources(context->ctx.get());
    context->modules_dir = options.modules_dir;
    context->live = options.live;
    for (const std::string& name : options.blacklist)
        context->blacklist.push_back(normal_module_name(name));
    return Modules(std::move(context));
}

std::expected<std::vector<std::string>, ModuleError> Modules::lookup(std::string_view alias) const
{
    if (alias.empty() || alias.size() > 1000 || alias.find('\0') != std::string_view::npos)
        return error(Kind::failed, "", "look up an alias", EINVAL);
    kmod_list* found = nullptr;
    const int code = kmod_module_new_from_lookup(context_->ctx.get(), std::string(alias).c_str(), &found);
    const ListPtr list(found);
    if (code < 0)
        return error(Kind::failed, "", "look up " + std::string(alias), -code);
    std::vector<std::string> names;
    for (std::string& name : names_of(list.get()))
        if (!contains(names, name))
            names.push_back(std::move(name));
    return names;
}

ModuleState Modules::state(std::string_view name) const
{
    const ModulePtr module = context_->module(name);
    return module ? context_->state(module.get()) : ModuleState::missing;
}

std::expected<std::vector<std::string>, ModuleError> Modules::plan(std::string_view name) const
{
    std::vector<std::string> names;
    const ModuleState now = state(name);
    if (now == ModuleState::loaded || now == ModuleState::builtin)
        return names;
    std::expected<std::vector<ProbeStep>, ModuleError> steps = context_->to_insert(normal_module_name(name), nullptr);
    if (!steps)
        return std::unexpected(std::move(steps.error()));
    for (ProbeStep& step : *steps)
        names.push_back(std::move(step.module));
    return names;
}

std::expected<LoadOutcome, ModuleError> Modules::load(std::string_view name, std::string_view options,
                                                      std::vector<ModuleError>* skipped)
{
    if (!context_->live)
        return error(Kind::refused, name, context_->modules_dir + " is not of the running kernel");
    const ModuleState now = state(name);
    if (now == ModuleState::loaded || now == ModuleState::builtin)
        return now == ModuleState::loaded ? LoadOutcome::already_loaded : LoadOutcome::builtin;
    const std::string target = normal_module_name(name);
    std::expected<std::vector<ProbeStep>, ModuleError> steps = context_->to_insert(target, skipped);
    if (!steps)
        return std::unexpected(std::move(steps.error()));
    LoadOutcome outcome = LoadOutcome::already_loaded;
    for (const ProbeStep& step : *steps) {
        const bool is_target = step.module == target;
        std::expected<LoadOutcome, ModuleError> done =
            context_->insert(step.module, is_target ? options : std::string_view());
        if (!done && step.required)
            return done;
        if (!done && skipped != nullptr)
            skipped->push_back(std::move(done.error()));
        else if (done && is_target)
            outcome = *done;
    }
    return outcome;
}

std::optional<std::string> Modules::path(std::string_view name) const
{
    const ModulePtr module = context_->module(name);
    const char* const path = module ? kmod_module_get_path(module.get()) : nullptr;
    return path != nullptr ? std::optional<std::string>(path) : std::nullopt;
}

std::vector<std::string> Modules::dependencies(std::string_view name) const
{
    return context_->dependencies(name);
}

std::string Modules::configured_options(std::string_view name) const
{
    const ModulePtr module = context_->module(name);
    return module ? Context::configured_options(module.get()) : std::string();
}

std::optional<bool> Modules::is_signed(std::string_view name) const
{
    const ModulePtr module = path(name) ? context_->module(name) : nullptr;
    kmod_list* list = nullptr;
    if (!module || kmod_module_get_info(module.get(), &list) < 0)
        return std::nullopt;
    bool found = false;
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, list)
    {
        found = found || std::string_view(kmod_module_info_get_key(entry)) == "sig_id";
    }
    kmod_module_info_free_list(list);
    return found;
}

} // namespace libkmodctl
