// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/error.hpp"

#include <cerrno>
#include <cstring>

namespace vfio_early {

std::string errno_text(int code)
{
    // "Connection timed out" speaks of a network; for us it is always a deadline of ours.
    if (code == ETIMEDOUT)
        return "timed out";
    // strerrordesc_np() never translates and needs no buffer (glibc 2.32).
    const char* text = strerrordesc_np(code);
    return text != nullptr ? text : "error " + std::to_string(code);
}

std::string SystemError::message() const
{
    std::string text = doing;
    if (!on.empty())
        text += (text.empty() ? "" : " ") + on;
    if (code != 0)
        text += (text.empty() ? "" : ": ") + errno_text(code);
    if (!detail.empty())
        text += (text.empty() ? "" : ": ") + detail;
    return text;
}

} // namespace vfio_early
