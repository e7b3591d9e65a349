// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/verdict.hpp"

namespace vfio_early {

/// Who gets each function that the policy of now or the image's speaks of. Empty without a machine. Pure.
[[nodiscard]] std::vector<Winner> winners(const VerdictInput& input);

/// The modules of a kernel as an image has them: what an image lacks is neither found nor there.
class ImageCatalog final : public ModuleCatalog {
public:
    /// Both outlive the catalog.
    ImageCatalog(const ModuleCatalog& kernel, const ImageFacts& image) : kernel_(kernel), image_(image) {}

    [[nodiscard]] std::vector<std::string> modules_for(std::string_view modalias) const override;
    [[nodiscard]] bool exists(std::string_view module) const override { return image_.has_module(module); }
    [[nodiscard]] std::vector<std::string> dependencies(std::string_view module) const override
    {
        return kernel_.dependencies(module);
    }
    [[nodiscard]] bool builtin(std::string_view module) const override { return kernel_.builtin(module); }

private:
    const ModuleCatalog& kernel_;
    const ImageFacts& image_;
};

} // namespace vfio_early
