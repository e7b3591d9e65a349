// SPDX-License-Identifier: GPL-2.0-or-later
#include "libkmodctl/error.hpp"

#include <cerrno>
#include <cstring>

namespace libkmodctl {

namespace {

// init_module(2) gives some errno values a meaning that strerror(3) does not tell.
const char* reason(int code)
{
    switch (code) {
    case ENOEXEC:
        return "Invalid module format (built for another kernel?)";
    case ENOENT:
        return "Unknown symbol in module, or unknown parameter";
    case ENOKEY:
        return "Module signed with an unknown key, or not signed";
    default:
        return std::strerror(code);
    }
}

} // namespace

std::string ModuleError::message() const
{
    std::string text = module.empty() ? doing : module + ": " + doing;
    if (code != 0) {
        text += ": ";
        text += kind == Kind::failed ? reason(code) : std::strerror(code);
    }
    return text;
}

} // namespace libkmodctl
