// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "early/model/plan.hpp"
#include "early/model/report.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What the executor knows of one planned function while the plan is carried out, and what it does to it. Each
/// method does nothing once the function has failed; settle() and give_back() then bring it to its final state.
class FunctionProgress {
public:
    FunctionProgress(const PlannedFunction& planned, Kernel& kernel)
        : planned_(planned), kernel_(kernel), driver_(planned.driver)
    {
    }

    /// Writes its override: from then on no native driver gets it.
    void pin();
    /// Takes the firmware's framebuffer out of its memory.
    void evict(const std::string& device);
    void unbind(const std::string& driver);
    void set(const std::string& setting);
    /// Has the wanted driver take it, if it has not done so yet.
    void bind();
    /// Reads the driver link back, if bind() has not: the function is as wanted, or has failed. The first call decides.
    void settle();
    /// Brings a function that failed to the state that its statement asks for.
    void give_back();

    /// True if it cannot be bound without this module.
    [[nodiscard]] bool needs(const std::string& module) const;
    /// The module is there. If it has the function's driver, that is now known by its own name.
    void loaded(const std::string& module);
    /// The module could not be loaded: if the function is not bound nevertheless, this is why.
    void load_failed(const std::string& module, const SystemError& error);

    [[nodiscard]] const PlannedFunction& planned() const { return planned_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] Outcome outcome() const;

private:
    void fail(std::string trouble);
    Result<std::string> read_driver();
    void release();
    void release_later();

    const PlannedFunction& planned_;
    Kernel& kernel_;
    std::string driver_; ///< that it is pinned to
    bool failed_ = false;
    bool settled_ = false;
    bool maybe_pinned_ = false; ///< the override was written, or may still be
    bool stuck_ = false;        ///< a call timed out: others on this function would wait for the same lock
    bool native_gone_ = false;  ///< its native driver was told to let go, and has or will
    bool load_timed_out_ = false;
    bool released_later_ = false;
    std::string trouble_;      ///< why it failed
    std::string load_trouble_; ///< why its module is not there
    std::string bind_trouble_; ///< what the driver's probe said
    Outcome::State state_ = Outcome::State::released;
    std::vector<SettingOutcome> settings_;
};

/// "pin: Input/output error", or "timed out: pin".
[[nodiscard]] std::string trouble_text(const std::string& doing, const SystemError& error);

} // namespace vfio_early
