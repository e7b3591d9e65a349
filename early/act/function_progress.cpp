// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/function_progress.hpp"

#include "early/model/driver_choice.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

std::string trouble_text(const std::string& doing, const SystemError& error)
{
    if (error.code == ETIMEDOUT)
        return "timed out: " + doing;
    std::string text = doing;
    if (error.code != 0)
        text += ": " + errno_text(error.code);
    if (!error.detail.empty())
        text += " (" + error.detail + ")";
    return text;
}

void FunctionProgress::fail(std::string trouble)
{
    failed_ = true;
    if (trouble_.empty())
        trouble_ = std::move(trouble);
}

Result<std::string> FunctionProgress::read_driver()
{
    auto driver = kernel_.bound_driver(planned_.address);
    // So much hangs on the answer that one failure does not count.
    if (!driver && driver.error().code != ETIMEDOUT)
        driver = kernel_.bound_driver(planned_.address);
    return driver;
}

void FunctionProgress::pin()
{
    const auto written = kernel_.set_override(planned_.address, driver_);
    if (written) {
        maybe_pinned_ = true;
        return;
    }
    // The write waits for the lock of the device and may happen later.
    stuck_ = written.error().code == ETIMEDOUT;
    maybe_pinned_ = maybe_pinned_ || stuck_;
    fail(trouble_text("pin", written.error()));
}

void FunctionProgress::evict(const std::string& device)
{
    if (failed_)
        return;
    // Where this hangs, the lock is that of the platform device, not the function's.
    if (const auto evicted = kernel_.evict_framebuffer(planned_.address, device); !evicted)
        fail("framebuffer: " + trouble_text("unbind " + device, evicted.error()) +
             "; boot with initcall_blacklist=sysfb_init");
}

void FunctionProgress::unbind(const std::string& driver)
{
    if (failed_)
        return;
    const auto written = kernel_.unbind(planned_.address, driver);
    stuck_ = !written && written.error().code == ETIMEDOUT;
    native_gone_ = written || stuck_;
    if (written)
        return;
    if (!stuck_) {
        // ENODEV: that driver had left it already.
        const auto now = read_driver();
        if (now && *now != driver)
            return;
    }
    fail(trouble_text("unbind from " + driver, written.error()));
}

void FunctionProgress::set(const std::string& setting)
{
    const auto wanted = std::ranges::find(planned_.settings, setting, &DeviceSetting::text);
    if (failed_ || wanted == planned_.settings.end())
        return;
    SettingOutcome outcome{setting, SettingOutcome::Result::applied, {}};
    if (const auto applied = kernel_.apply(planned_.address, *wanted); !applied) {
        const SystemError& error = applied.error();
        const bool unsupported = error.code == EOPNOTSUPP;
        outcome.result = unsupported ? SettingOutcome::Result::unsupported : SettingOutcome::Result::failed;
        outcome.detail = unsupported && !error.detail.empty() ? error.detail : errno_text(error.code);
        // The lock of the device is taken now, and the bind would wait for it.
        if (error.code == ETIMEDOUT && !settled_) {
            stuck_ = true;
            fail(trouble_text("set " + setting, error));
        }
    }
    settings_.push_back(std::move(outcome));
}

void FunctionProgress::bind()
{
    if (failed_)
        return;
    const auto now = read_driver();
    const bool has_wanted = now && *now == driver_;
    // The link is made before the driver's probe is called (driver_sysfs_add() in really_probe(), drivers/base/dd.c),
    // so after a load that hangs it proves nothing. The bind attribute waits for the probe, then says EBUSY.
    if (has_wanted && !load_timed_out_) {
        settled_ = true;
        return;
    }
    if (now && !now->empty() && !has_wanted)
        unbind(*now); // somebody was faster than the pin
    if (failed_ || (!has_wanted && !load_trouble_.empty()))
        return;
    const auto bound = kernel_.bind(planned_.address, driver_);
    if (bound || has_wanted) {
        if (!bound && bound.error().code == ETIMEDOUT) {
            stuck_ = true;
            fail(load_trouble_);
        }
        return;
    }
    bind_trouble_ = trouble_text(driver_ + " probe", bound.error());
    if (bound.error().code == EINVAL && driver_ == "vfio-pci" && is_denied_by_vfio_pci(planned_.ids))
        bind_trouble_ += "; its denylist has " + planned_.ids.id_text() +
                         ", whose errata a guest could use against the host; whoever trusts every guest may set its "
                         "option disable_denylist=1, which vfio-early never does";
    if (bound.error().code == ETIMEDOUT) {
        stuck_ = true;
        fail(bind_trouble_);
    }
}

void FunctionProgress::settle()
{
    if (failed_ || settled_)
        return;
    settled_ = true;
    const auto now = read_driver();
    if (!now) {
        stuck_ = now.error().code == ETIMEDOUT;
        return fail(trouble_text("read the driver link", now.error()));
    }
    if (*now == driver_)
        return;
    if (!bind_trouble_.empty())
        fail(bind_trouble_);
    else if (!load_trouble_.empty())
        fail(load_trouble_);
    else
        fail(driver_ + (now->empty() ? " probe: did not take it" : " probe: bound to " + *now));
}

bool FunctionProgress::needs(const std::string& module) const
{
    // vfio and its backends serve every driver of the VFIO family (mlx5_vfio_pci, ...), but not pci-stub.
    return is_same_name(module, planned_.driver) || (module.starts_with("vfio") && is_vfio_driver(planned_.driver));
}

void FunctionProgress::loaded(const std::string& module)
{
    if (failed_ || !is_same_name(module, planned_.driver) || !is_named_by_module(driver_))
        return;
    const auto name = kernel_.driver_of_module(module);
    if (!name || *name == driver_)
        return;
    driver_ = *name;
    pin();
}

void FunctionProgress::load_failed(const std::string& module, const SystemError& error)
{
    load_timed_out_ = load_timed_out_ || error.code == ETIMEDOUT;
    if (load_trouble_.empty())
        load_trouble_ = trouble_text((error.code == ENOENT ? "driver-missing: load " : "load ") + module, error);
}

Outcome FunctionProgress::outcome() const
{
    Outcome outcome = bound_outcome(planned_);
    outcome.settings = settings_;
    outcome.driver = failed_ ? "" : driver_;
    if (failed_) {
        outcome.kind = Outcome::Kind::failed;
        outcome.detail = trouble_;
        outcome.state = state_;
        outcome.released_later = released_later_;
    }
    return outcome;
}

} // namespace vfio_early
