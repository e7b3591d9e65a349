// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/linux/kernel.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vfio_early {

/// One call of Kernel, to be sent to another process. Fields that the call does not need stay empty.
struct CallRequest {
    enum class Call : std::uint8_t {
        set_override,
        load_module,
        unbind,
        probe,
        bind,
        bound_driver,
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
    std::string driver;         ///< bound_driver
    std::optional<bool> yes;    ///< group_viable, let_vfs_probe
};

/// The two ends are one program, so the form may change at will; what cannot be read gives nothing.
[[nodiscard]] std::string encode(const CallRequest& request);
[[nodiscard]] std::string encode(const CallAnswer& answer);
[[nodiscard]] std::optional<CallRequest> decode_request(std::string_view message);
[[nodiscard]] std::optional<CallAnswer> decode_answer(std::string_view message);

/// Makes the call.
[[nodiscard]] CallAnswer perform(Kernel& kernel, const CallRequest& request);

} // namespace vfio_early
