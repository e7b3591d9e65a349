// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/limited_kernel.hpp"

#include "early/model/text.hpp"
#include "early/system/time_limit.hpp"

#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

namespace vfio_early {

namespace {

/// An answer as a record: errno, the parts of the error, the value.
constexpr char separator = '\0';

std::string to_text(bool value)
{
    return value ? "1" : "0";
}

std::string to_text(const std::string& value)
{
    return value;
}

std::string to_text(const std::optional<bool>& value)
{
    return value ? to_text(*value) : "";
}

void from_text(std::string_view text, bool& value)
{
    value = text == "1";
}

void from_text(std::string_view text, std::string& value)
{
    value = text;
}

void from_text(std::string_view text, std::optional<bool>& value)
{
    if (!text.empty())
        value = text == "1";
}

template <typename T>
std::string to_record(const Result<T>& answer)
{
    if (!answer) {
        const SystemError& error = answer.error();
        return std::to_string(error.code) + separator + error.doing + separator + error.on + separator + error.detail;
    }
    if constexpr (std::is_void_v<T>)
        return "ok";
    else
        return "ok" + to_text(*answer);
}

template <typename T>
Result<T> from_record(std::string_view record)
{
    if (!record.starts_with("ok")) {
        const auto parts = split(record, separator);
        const auto part = [&](std::size_t index) { return std::string(index < parts.size() ? parts[index] : ""); };
        return system_error(part(1), part(2), static_cast<int>(parse_decimal(parts[0]).value_or(EIO)), part(3));
    }
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        T value{};
        from_text(record.substr(2), value);
        return value;
    }
}

/// Answers from what is known, then makes the calls and tells of their answers.
class RecordingKernel final : public Kernel {
public:
    /// `log` null: nobody is told.
    RecordingKernel(Kernel& kernel, const std::vector<std::string>& known, SharedLog* log)
        : kernel_(kernel), known_(known), log_(log)
    {
    }

    Result<void> set_override(const Address& function, const std::string& driver) override
    {
        return answer<void>([&] { return kernel_.set_override(function, driver); });
    }
    Result<void> load_module(const std::string& module, const std::string& options) override
    {
        return answer<void>([&] { return kernel_.load_module(module, options); });
    }
    Result<std::string> configured_options(const std::string& module) override
    {
        return answer<std::string>([&] { return kernel_.configured_options(module); });
    }
    Result<std::string> driver_of_module(const std::string& module) override
    {
        return answer<std::string>([&] { return kernel_.driver_of_module(module); });
    }
    Result<void> unbind(const Address& function, const std::string& driver) override
    {
        return answer<void>([&] { return kernel_.unbind(function, driver); });
    }
    Result<void> probe(const Address& function) override
    {
        return answer<void>([&] { return kernel_.probe(function); });
    }
    Result<void> bind(const Address& function, const std::string& driver) override
    {
        return answer<void>([&] { return kernel_.bind(function, driver); });
    }
    Result<std::string> bound_driver(const Address& function) override
    {
        return answer<std::string>([&] { return kernel_.bound_driver(function); });
    }
    Result<void> evict_framebuffer(const Address& function, const std::string& device) override
    {
        return answer<void>([&] { return kernel_.evict_framebuffer(function, device); });
    }
    Result<void> apply(const Address& function, const DeviceSetting& setting) override
    {
        return answer<void>([&] { return kernel_.apply(function, setting); });
    }
    Result<std::string> group_of(const Address& function) override
    {
        return answer<std::string>([&] { return kernel_.group_of(function); });
    }
    Result<std::optional<bool>> group_viable(unsigned group) override
    {
        return answer<std::optional<bool>>([&] { return kernel_.group_viable(group); });
    }
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override
    {
        return answer<bool>([&] { return kernel_.let_vfs_probe(function, allowed); });
    }
    Result<void> create_vfs(const Address& function, unsigned count) override
    {
        // Some drivers take a good part of a second for each.
        constexpr std::chrono::milliseconds for_each{1000};
        return answer<void>([&] { return kernel_.create_vfs(function, count); }, for_each * count);
    }
    void release_later(const Address& function, const std::string& driver) override
    {
        static_cast<void>(answer<void>([&]() -> Result<void> {
            // Without a process for it the override at least is cleared, if that does not hang.
            const pid_t child = ::fork();
            if (child < 0)
                return kernel_.set_override(function, "");
            if (child > 0)
                return {};
            ::prctl(PR_SET_NAME, "vfio-early free");
            // systemd sends it to whatever is left of the initrd when it changes to the real root.
            std::signal(SIGTERM, SIG_IGN);
            kernel_.release_later(function, driver);
            ::_exit(0);
        }));
    }

private:
    template <typename T, typename Call>
    Result<T> answer(const Call& call, std::chrono::milliseconds more = std::chrono::milliseconds(0))
    {
        if (next_ < known_.size())
            return from_record<T>(known_[next_++]);
        if (log_ != nullptr && more.count() != 0)
            log_->allow(more);
        Result<T> result = call();
        if (log_ != nullptr)
            log_->append(to_record(result));
        return result;
    }

    Kernel& kernel_;
    const std::vector<std::string>& known_;
    std::size_t next_ = 0;
    SharedLog* log_;
};

} // namespace

void run_with_limit(Kernel& kernel, std::chrono::milliseconds limit, const KernelWork& work)
{
    constexpr unsigned most_children = 4096; // more cannot hang in one boot; it may be us who die
    std::vector<std::string> known;
    int code = ETIMEDOUT;
    for (unsigned count = 0; (code == ETIMEDOUT || code == ECHILD) && count < most_children; ++count) {
        SharedLog log; // one for each: the last child may not be dead yet
        code = run_in_child(log, limit, [&] {
            ::prctl(PR_SET_NAME, "vfio-early call");
            RecordingKernel recording(kernel, known, &log);
            work(recording);
        });
        for (std::string& record : log.records())
            known.push_back(std::move(record));
        if (code == ETIMEDOUT || code == ECHILD)
            known.push_back(to_record(Result<void>(system_error({}, {}, code))));
    }
    RecordingKernel replay(kernel, known, nullptr);
    work(replay);
}

} // namespace vfio_early
