// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct kmod_ctx;
struct kmod_list;
struct kmod_module;

namespace libkmodctl {

/// Why a module is not there: what was being done, to which module, and what the kernel or libkmod said.
struct ModuleError {
    enum class Kind {
        missing,     ///< neither in the module tree nor built in; or there is no module tree at all
        blacklisted, ///< named by Options::blacklist
        refused,     ///< loading it would mean to run an `install` command, or the tree is not the live one
        failed,      ///< libkmod or the kernel failed; `code` tells how
    };
    Kind kind = Kind::failed;
    std::string module; ///< '_' for '-'; may be a dependency of the module asked for; empty if of no module
    std::string doing;  ///< what failed, with the file or command it failed on
    int code = 0;       ///< errno; 0 where no system call failed
};

/// Which module tree and which configuration to read.
struct Options {
    /// ROOT/lib/modules/RELEASE, with the indexes that depmod(8) makes.
    std::string modules_dir;
    /// Folders or files in the format of modprobe.d(5), the first winning where two hold a file of one name.
    /// Nothing: libkmod's own list, of the live system. An empty list: no configuration (modules.softdep, which
    /// is part of the tree, is read nevertheless).
    std::optional<std::vector<std::string>> config_paths;
    /// Modules that load() must not insert, from the kernel command line. Not the `blacklist` lines of modprobe.d:
    /// those only say that an alias does not load the module.
    std::vector<std::string> blacklist;
    /// True if modules_dir belongs to the running kernel. libkmod reads /proc/modules, /sys/module and
    /// /proc/cmdline whatever the tree, so with false only what the tree and config_paths say is answered, and
    /// load() is refused.
    bool live = true;
};

enum class ModuleState {
    loaded,   ///< live: its init has finished
    builtin,  ///< part of the kernel (modules.builtin, or in /sys/module without a file in the tree)
    loadable, ///< in the tree. Coming and going modules too: load() of one waits for the outcome
    missing,  ///< none of these
};

/// A module tree and its configuration. Move-only; an object that was moved from may only be destroyed.
/// Names may be written with '-' or '_'; answers have '_'.
class Modules {
public:
    /// Reads the configuration. missing: modules_dir has no modules.dep.bin.
    [[nodiscard]] static std::expected<Modules, ModuleError> open(const Options& options);

    /// The modules that an alias, a modalias or a module's name stands for, built-in ones included, in libkmod's
    /// order and each once; empty if none. libkmod stops at the first source that answers: alias lines,
    /// modules.dep (names), `install` commands, modules.alias, modules.builtin and its aliases; so an alias
    /// line hides the kernel's own answer, which an object with empty config_paths gives. A vendor's variant is
    /// found by "vfio_pci:v…", the modalias with `vfio_` before it (Linux 5.16 and later).
    /// failed with EINVAL: no alias can look like this (empty, a lone bracket, over 1000 bytes).
    [[nodiscard]] std::expected<std::vector<std::string>, ModuleError> lookup(std::string_view alias) const;

    /// Of one module, by name, never by alias.
    [[nodiscard]] ModuleState state(std::string_view name) const;

    /// The modules that load() would insert, in the order in which modprobe(8) would; empty if there is nothing to do.
    /// Fails as load() would, as far as that is known without inserting. On a tree that is not live nothing counts as
    /// loaded.
    [[nodiscard]] std::expected<std::vector<std::string>, ModuleError> plan(std::string_view name) const;
    /// Inserts the module, unless it is there, with its dependencies and soft dependencies, each with its configured
    /// options; `options` ("a=1 b=2") come after those of the module itself and so win.
    ///
    /// A command is never run: a module that an `install` line covers is refused, and so is what depends on it.
    /// A soft dependency that is refused, blacklisted or fails does not fail the load. Nothing is inserted where an
    /// error can be known before.
    [[nodiscard]] std::expected<void, ModuleError> load(std::string_view name, std::string_view options = {});
    /// The file of a module; nothing for a built-in or missing one.
    [[nodiscard]] std::optional<std::string> path(std::string_view name) const;

    /// The modules that must be there first, in the order to insert them. Soft dependencies are not among them.
    [[nodiscard]] std::vector<std::string> dependencies(std::string_view name) const;

    /// What load() would give to one module besides its own `options`, as one text.
    [[nodiscard]] std::string configured_options(std::string_view name) const;

    /// True if the module's file, compressed or not, carries a signature, with whatever key. Nothing: there is no file,
    /// or none to read.
    [[nodiscard]] std::optional<bool> is_signed(std::string_view name) const;

private:
    struct Unref {
        void operator()(kmod_ctx* ctx) const;
        void operator()(kmod_module* module) const;
        void operator()(kmod_list* list) const;
    };
    using ModulePtr = std::unique_ptr<kmod_module, Unref>;
    using ListPtr = std::unique_ptr<kmod_list, Unref>;

    explicit Modules(const Options& options);
    [[nodiscard]] ModulePtr module(std::string_view name) const;
    [[nodiscard]] bool in_builtin_index(const kmod_module* module) const;
    [[nodiscard]] ModuleState state_of(const kmod_module* module) const;
    [[nodiscard]] std::expected<std::vector<std::string>, ModuleError> probe_order(kmod_module* target) const;
    [[nodiscard]] std::vector<std::string> required_for(std::string_view name) const;
    [[nodiscard]] std::expected<void, ModuleError> may_insert(const std::string& name) const;
    [[nodiscard]] std::expected<void, ModuleError> insert(const std::string& name, std::string_view options) const;

    std::unique_ptr<kmod_ctx, Unref> ctx_;
    std::string modules_dir_;
    std::vector<std::string> blacklist_;
    bool live_ = true;
    mutable std::vector<ModulePtr> known_; ///< each that was asked for by name
};

} // namespace libkmodctl
