# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ./dev bench

command_bench() {
    local counts=("$@") count
    [ $# -gt 0 ] || counts=(3 16 64 256)
    for count in "${counts[@]}"; do
        case $count in *[!0-9]* | '') usage_error "bench: not a number of functions: $count" ;; esac
    done
    need_root bench
    need_packages build boot bench
    build_preset release
    step 'building plan_bench' cmake --build build/release --target plan_bench
    step 'without a boot' python3 tests/bench/micro_bench.py build/bench
    for count in "${counts[@]}"; do
        step "boots with $count functions" python3 tests/bench/boot_bench.py build/bench "$count"
    done
    step 'letting the boot go on' python3 tests/bench/beside_bench.py build/bench
    python3 tests/bench/measurements.py build/bench docs
    printf '\nWritten: docs/measurements.md, docs/measurements/*.svg\n'
}
