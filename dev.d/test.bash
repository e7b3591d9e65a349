# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ./dev test

# Over every component. What is found goes to ctest, as the test clang_tidy; here it only takes its time.
run_clang_tidy() {
    configure_and_build tidy -- -k 0 || echo 'clang-tidy has findings'
}

# One ctest over all builds, so that its closing lines count every test.
write_test_file() {
    printf 'subdirs(%s)\n' "$1"
    if [ "$2" = full ]; then
        printf 'add_test(clang_tidy "%s" --build "%s/build/tidy" --target all)\n' "$(command -v cmake)" "$PWD"
        printf 'set_tests_properties(clang_tidy PROPERTIES LABELS tidy TIMEOUT 1200)\n'
        printf 'add_test(format "%s/tests/scripts/check_format" clang-format-%s)\n' "$PWD" "$(clang_installed)"
    fi
}

run_tests() {
    local started=$SECONDS status=0
    heading "tests$1"
    shift
    ctest --test-dir build --output-on-failure --output-junit "$PWD/build/test_results.xml" -j "$(nproc)" "$@" || status=$?
    printf '[%4d s] tests: %d s\n' "$SECONDS" $((SECONDS - started)) >&2
    return "$status"
}

test_quick() {
    need_packages build unit
    build_preset dev
    write_test_file dev quick >build/CTestTestfile.cmake
    run_tests ' without boots' -LE 'boot|root|nightly'
}

test_full() {
    need_root test
    need_packages build unit clang boot
    local preset
    # the quickest first: what breaks the build should be known soon. Not dev: its unit tests are those of asan.
    for preset in release asan; do
        build_preset "$preset"
    done
    build_preset fuzz --target fuzzers
    step 'clang-tidy' run_clang_tidy
    write_test_file 'asan fuzz release' full >build/CTestTestfile.cmake
    export VFIO_EARLY_SHIPPED=$PWD/build/release/vfio-earlyctl
    # The roots come with the boots that need them. Boots labelled nightly are run by hand, with ctest -L nightly.
    run_tests '' -LE 'root|nightly'
}

command_test() {
    case $#:${1:-} in
        0:) test_full ;;
        1:--quick) test_quick ;;
        *) usage_error "test: unknown argument: $1" ;;
    esac
}
