// SPDX-License-Identifier: GPL-2.0-or-later
// The way back of a function that could not be bound.
#include "early/act/function_progress.hpp"

#include <cerrno>

namespace vfio_early {

void FunctionProgress::give_back()
{
    if (!failed_)
        return;
    if (planned_.on_failure == OnFailure::hold && maybe_pinned_) {
        // Held means: no driver has it and the pin lets none come. Where a native driver could not be taken away,
        // that cannot be had, and the function is better off as it was. What hangs leaves the pin in its place.
        const auto now = read_driver();
        const bool left_alone = now ? now->empty() || *now == driver_ : planned_.native_driver.empty();
        if (left_alone || native_gone_) {
            state_ = Outcome::State::held;
            return;
        }
    }
    release();
}

void FunctionProgress::release()
{
    if (stuck_)
        return release_later();
    auto cleared = kernel_.set_override(planned_.address, "");
    if (!cleared && cleared.error().code != ETIMEDOUT)
        cleared = kernel_.set_override(planned_.address, "");
    if (!cleared && cleared.error().code == ETIMEDOUT)
        return release_later();
    if (!cleared && maybe_pinned_) {
        trouble_ += "; " + trouble_text("clear the override", cleared.error());
        state_ = Outcome::State::held;
    }
    const auto now = read_driver();
    if (!now || *now == driver_) {
        // ENODEV is what is hoped for when the link could not be read.
        auto unbound = kernel_.unbind(planned_.address, driver_);
        if (!unbound && now && unbound.error().code != ETIMEDOUT)
            unbound = kernel_.unbind(planned_.address, driver_);
        if (!unbound && unbound.error().code == ETIMEDOUT)
            return release_later();
        if (!unbound && now)
            trouble_ += "; " + trouble_text("unbind from " + driver_, unbound.error());
    }
    if (state_ == Outcome::State::released) {
        if (const auto probed = kernel_.probe(planned_.address); !probed)
            trouble_ += "; " + trouble_text("probe by the native driver", probed.error());
    }
}

void FunctionProgress::release_later()
{
    // Every further call would wait for the same lock until its own deadline.
    kernel_.release_later(planned_.address, driver_);
    released_later_ = true;
    trouble_ += "; it goes back once the kernel lets go of it";
}

} // namespace vfio_early
