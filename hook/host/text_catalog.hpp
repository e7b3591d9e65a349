// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/system/root.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One "alias PATTERN MODULE" line of modules.alias.
struct ModuleAlias {
    std::string pattern;
    std::string module; ///< '_' for '-'
};

/// The alias lines of a modules.alias text.
[[nodiscard]] std::vector<ModuleAlias> parse_module_aliases(std::string_view text);

/// A catalog out of the text files that depmod(8) writes beside its indices. libkmod reads only the indices, and
/// a recording has none.
class TextCatalog : public ModuleCatalog {
public:
    /// Modules, '_' for '-', and what each needs.
    using Dependencies = std::map<std::string, std::vector<std::string>, std::less<>>;

    /// Modules that only an alias names are added.
    TextCatalog(std::vector<ModuleAlias> aliases, Dependencies modules, Dependencies builtin);

    [[nodiscard]] std::vector<std::string> modules_for(std::string_view modalias) const override;
    [[nodiscard]] bool exists(std::string_view module) const override;
    [[nodiscard]] std::vector<std::string> dependencies(std::string_view module) const override;
    [[nodiscard]] bool builtin(std::string_view module) const override;

private:
    /// What a pattern and every string it matches begin with: "pci:v000010DE". Patterns that have a glob
    /// character in it stand under "".
    std::map<std::string, std::vector<ModuleAlias>, std::less<>> aliases_;
    Dependencies modules_;
    Dependencies builtin_;
};

/// The release of the running kernel, or else of the only one in lib/modules; empty: not known.
[[nodiscard]] std::string kernel_release(const Root& root);

/// The catalog of ROOT/lib/modules/`release` (empty: the only directory there) if that holds modules.alias without
/// its index; null otherwise.
[[nodiscard]] std::unique_ptr<ModuleCatalog> open_text_catalog(const Root& root, const std::string& release);

} // namespace vfio_early
