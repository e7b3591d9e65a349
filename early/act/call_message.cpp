// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/call_message.hpp"

#include <cerrno>
#include <cstring>

namespace vfio_early {

namespace {

class Writer {
public:
    void number(std::uint64_t value)
    {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        text_.append(bytes, sizeof bytes);
    }
    void string(std::string_view value)
    {
        number(value.size());
        text_ += value;
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::uint64_t number()
    {
        std::uint64_t value = 0;
        if (text_.size() < sizeof value) {
            good_ = false;
            return 0;
        }
        std::memcpy(&value, text_.data(), sizeof value);
        text_.remove_prefix(sizeof value);
        return value;
    }
    std::string string()
    {
        const std::uint64_t size = number();
        if (size > text_.size()) {
            good_ = false;
            return {};
        }
        std::string value(text_.substr(0, size));
        text_.remove_prefix(size);
        return value;
    }
    [[nodiscard]] bool good() const { return good_; }
    /// Everything was there, and nothing is left.
    [[nodiscard]] bool done() const { return good_ && text_.empty(); }

private:
    std::string_view text_;
    bool good_ = true;
};

template <typename T>
CallAnswer answer_of(Result<T> result)
{
    CallAnswer answer;
    if (!result)
        answer.error = std::move(result.error());
    return answer;
}

void write(Writer& writer, const CallRequest& request)
{
    writer.number(static_cast<std::uint64_t>(request.call));
    writer.number(request.function.domain);
    writer.number(request.function.bus);
    writer.number(request.function.device);
    writer.number(request.function.function);
    writer.string(request.name);
    writer.string(request.options);
    writer.number(static_cast<std::uint64_t>(request.setting.kind));
    writer.number(request.setting.bar);
    writer.number(request.setting.bytes);
    writer.string(request.setting.value);
    writer.number(request.number);
}

void read(Reader& reader, CallRequest& request)
{
    request.call = static_cast<CallRequest::Call>(reader.number());
    request.function.domain = static_cast<std::uint32_t>(reader.number());
    request.function.bus = static_cast<std::uint8_t>(reader.number());
    request.function.device = static_cast<std::uint8_t>(reader.number());
    request.function.function = static_cast<std::uint8_t>(reader.number());
    request.name = reader.string();
    request.options = reader.string();
    request.setting.kind = static_cast<DeviceSetting::Kind>(reader.number());
    request.setting.bar = static_cast<unsigned>(reader.number());
    request.setting.bytes = reader.number();
    request.setting.value = reader.string();
    request.number = static_cast<unsigned>(reader.number());
}

void write(Writer& writer, const CallAnswer& answer)
{
    writer.number(answer.yes ? (*answer.yes ? 2 : 1) : 0);
    writer.number(answer.error ? 1 : 0);
    if (!answer.error)
        return;
    writer.string(answer.error->doing);
    writer.string(answer.error->on);
    writer.number(static_cast<std::uint64_t>(answer.error->code));
    writer.string(answer.error->detail);
}

void read(Reader& reader, CallAnswer& answer)
{
    if (const std::uint64_t yes = reader.number(); yes != 0)
        answer.yes = yes == 2;
    if (reader.number() == 0)
        return;
    SystemError& error = answer.error.emplace();
    error.doing = reader.string();
    error.on = reader.string();
    error.code = static_cast<int>(reader.number());
    error.detail = reader.string();
}

template <typename T>
std::string write_all(std::span<const T> values)
{
    Writer writer;
    writer.number(values.size());
    for (const T& value : values)
        write(writer, value);
    return writer.take();
}

template <typename T>
std::optional<std::vector<T>> read_all(std::string_view message)
{
    Reader reader(message);
    std::vector<T> values;
    const std::uint64_t count = reader.number();
    for (std::uint64_t index = 0; index < count && reader.good(); ++index)
        read(reader, values.emplace_back());
    if (!reader.done())
        return {};
    return values;
}

} // namespace

std::string encode(std::span<const CallRequest> requests)
{
    return write_all(requests);
}

std::string encode(std::span<const CallAnswer> answers)
{
    return write_all(answers);
}

std::optional<std::vector<CallRequest>> decode_requests(std::string_view message)
{
    return read_all<CallRequest>(message);
}

std::optional<std::vector<CallAnswer>> decode_answers(std::string_view message)
{
    return read_all<CallAnswer>(message);
}

CallAnswer perform(Kernel& kernel, const CallRequest& request)
{
    using Call = CallRequest::Call;
    switch (request.call) {
    case Call::set_override:
        return answer_of(kernel.set_override(request.function, request.name));
    case Call::load_module:
        return answer_of(kernel.load_module(request.name, request.options));
    case Call::unbind:
        return answer_of(kernel.unbind(request.function, request.name));
    case Call::probe:
        return answer_of(kernel.probe(request.function));
    case Call::bind:
        return answer_of(kernel.bind(request.function, request.name));
    case Call::apply:
        return answer_of(kernel.apply(request.function, request.setting));
    case Call::group_viable: {
        const auto viable = kernel.group_viable(request.number);
        return viable ? CallAnswer{{}, *viable} : answer_of(viable);
    }
    case Call::let_vfs_probe: {
        const auto before = kernel.let_vfs_probe(request.function, request.number != 0);
        return before ? CallAnswer{{}, *before} : answer_of(before);
    }
    case Call::create_vfs:
        return answer_of(kernel.create_vfs(request.function, request.number));
    }
    return {SystemError{"call", {}, EINVAL, {}}, {}};
}

} // namespace vfio_early
