# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ./dev bench

bench_race() {
    step 'who has the card first' python3 tests/bench/race_bench.py build/bench
    python3 tests/bench/race_page.py build/bench docs
    printf '\nWritten: docs/race.md, docs/race/*.svg\n'
}

command_bench() {
    local counts=("$@") count
    if [ "$*" = race ]; then
        need_root bench
        need_packages build boot
        build_preset release
        bench_race
        return
    fi
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
    bench_race
}
