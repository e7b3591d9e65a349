// SPDX-License-Identifier: GPL-2.0-or-later
// The components of vfio-early are compiled with -fno-exceptions: they tell errors by std::expected, and nothing
// catches. What is left of exceptions is in libstdc++'s archive: 80 KiB of throwing, unwinding and formatting what
// nobody sees, only to end the program. These definitions end it at once, and so keep those parts out. Weak, so that a
// libstdc++ which needs more of its own still links.

#include <cstddef>
#include <cstdlib>
#include <new>

#define WEAK __attribute__((weak))

extern "C" {

/* Our program has one thread; a static variable that needs itself is a mistake that a test would meet. */
WEAK int __cxa_guard_acquire(long long* guard) // NOLINT(bugprone-reserved-identifier)
{
    return *reinterpret_cast<char*>(guard) == 0 ? 1 : 0;
}

WEAK void __cxa_guard_release(long long* guard) // NOLINT(bugprone-reserved-identifier)
{
    *reinterpret_cast<char*>(guard) = 1;
}

[[noreturn]] WEAK void __cxa_pure_virtual() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

/* glibc's C functions name it for the case that a thread is cancelled inside them. */
[[noreturn]] WEAK int __gcc_personality_v0() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

/* The exception classes of libstdc++, which nlohmann-json names, are compiled with exceptions: for the case that one is
 * thrown while they are copied. */
[[noreturn]] WEAK int __gxx_personality_v0() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

[[noreturn]] WEAK void _Unwind_Resume() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

[[noreturn]] WEAK void* __cxa_begin_catch(void*) noexcept // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

[[noreturn]] WEAK void __cxa_end_catch() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

[[noreturn]] WEAK void __cxa_rethrow() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

} // extern "C"

WEAK void* operator new(std::size_t size)
{
    if (void* const memory = std::malloc(size != 0 ? size : 1))
        return memory;
    std::abort();
}

WEAK void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return std::malloc(size != 0 ? size : 1);
}

WEAK void operator delete(void* memory) noexcept
{
    std::free(memory);
}

WEAK void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

WEAK void operator delete(void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}

namespace std {

// NOLINTBEGIN(bugprone-reserved-identifier, cert-dcl50-cpp, cert-dcl58-cpp)
[[noreturn]] WEAK void __throw_bad_alloc()
{
    abort();
}
[[noreturn]] WEAK void __throw_bad_array_new_length()
{
    abort();
}
[[noreturn]] WEAK void __throw_bad_cast()
{
    abort();
}
[[noreturn]] WEAK void __throw_bad_function_call()
{
    abort();
}
[[noreturn]] WEAK void __throw_invalid_argument(const char*)
{
    abort();
}
[[noreturn]] WEAK void __throw_length_error(const char*)
{
    abort();
}
[[noreturn]] WEAK void __throw_logic_error(const char*)
{
    abort();
}
[[noreturn]] WEAK void __throw_out_of_range(const char*)
{
    abort();
}
[[noreturn]] WEAK void __throw_out_of_range_fmt(const char*, ...)
{
    abort();
}
[[noreturn]] WEAK void __throw_runtime_error(const char*)
{
    abort();
}
// NOLINTEND(bugprone-reserved-identifier, cert-dcl50-cpp, cert-dcl58-cpp)

} // namespace std
