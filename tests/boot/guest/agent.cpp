// SPDX-License-Identifier: GPL-2.0-or-later
// The harness's hand in the guest: answers requests that come through a virtio-serial port.
//
//     facts           what the kernel says of PCI functions, groups and modules, its log, and our report
//     run LENGTH      the shell script that follows; its output and exit code
//     get PATH        the content of a file
//     settle          wait for udev's queue
//     sync            write the disk's caches: QEMU may then be killed
//
// Statically linked, so that it runs in the root of any suite.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/boot/guest/facts.hpp"
#include "tests/boot/guest/port.hpp"
#include "tests/boot/guest/process.hpp"

namespace {

using namespace vfio_early::boot_test;

constexpr const char* port_path = "/dev/virtio-ports/boot-test";

void settle()
{
    run_program({"udevadm", "settle", "--timeout=60"});
}

void send_facts(Port& port)
{
    // The log last: reading /dev/vfio/N may itself write to it, and should not be missed.
    port.send_frame("pci", list_pci());
    port.send_frame("groups", list_groups());
    port.send_frame("modules", list_modules());
    port.send_frame("cmdline", read_file("/proc/cmdline"));
    port.send_frame("uptime", read_file("/proc/uptime"));
    port.send_frame("report", read_file("/run/vfio-early/report.jsonl"));
    port.send_frame("kmsg", read_kernel_log());
    port.send_end(0);
}

void answer(Port& port, const std::string& request)
{
    if (request == "facts") {
        send_facts(port);
    } else if (request.starts_with("run ")) {
        const std::string script = port.read_bytes(std::strtoul(request.c_str() + 4, nullptr, 10));
        const Finished finished = run_program({"/bin/sh", "-c", script});
        port.send_frame("output", finished.output);
        port.send_end(finished.code);
    } else if (request.starts_with("get ")) {
        port.send_frame("content", read_file(request.substr(4)));
        port.send_end(0);
    } else if (request == "settle") {
        settle();
        port.send_end(0);
    } else if (request == "sync") {
        ::sync();
        port.send_end(0);
    } else {
        port.send_end(2);
    }
}

} // namespace

int main()
{
    settle();
    for (int tries = 0; ::access(port_path, R_OK) != 0 && tries < 600; ++tries)
        ::usleep(100'000);
    Port port(port_path);
    port.send("ready\n");
    while (true)
        answer(port, port.read_line());
}
