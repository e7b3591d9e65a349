// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One call of Kernel, to be sent to another process. Fields that the call does not need stay empty.
struct CallRequest {
    enum class Call : std::uint8_t {
        set_override,
        load_module,
        unbind,
        probe,
        bind,
        apply,
        group_viable,
        let_vfs_probe,
        create_vfs,
    };
    Call call = Call::probe;
    Address function;
    std::string name;    ///< driver or module
    std::string options; ///< of the module
    DeviceSetting setting;
    unsigned number = 0; ///< the group; how many virtual functions; 1 if they may be probed
};

/// What came of it.
struct CallAnswer {
    std::optional<SystemError> error;
    std::optional<bool> yes; ///< group_viable, let_vfs_probe
};

/// The two ends are one program, so the form may change at will; what cannot be read gives nothing.
[[nodiscard]] std::string encode(std::span<const CallRequest> requests);
[[nodiscard]] std::string encode(std::span<const CallAnswer> answers);
[[nodiscard]] std::optional<std::vector<CallRequest>> decode_requests(std::string_view message);
[[nodiscard]] std::optional<std::vector<CallAnswer>> decode_answers(std::string_view message);

/// Makes the call.
[[nodiscard]] CallAnswer perform(Kernel& kernel, const CallRequest& request);

} // namespace vfio_early
