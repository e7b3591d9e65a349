// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/commands.hpp"

int main(int argc, char** argv)
{
    vfio_early::Console console = vfio_early::process_console();
    return vfio_early::run_program({argv + 1, argv + argc}, console);
}
