// SPDX-License-Identifier: GPL-2.0-or-later
// The command inspect: each way in which an image can be wrong is told apart.
#include "tests/unit/hook/made_image.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f\n";
constexpr const char* place = "boot/initrd.img-5.10.0-9-amd64";

class Inspect : public testing::Test {
protected:
    Inspect()
    {
        expand_machine("ryzen_3400g_iommu_on", tree);
        tree.write("etc/vfio-early.conf", policy);
    }

    ProgramRun run(const MadeImage& image, const std::vector<std::string>& more = {"--verdict"})
    {
        tree.write(place, image.archive("gzip"));
        return inspect_all(more);
    }

    ProgramRun inspect_all(const std::vector<std::string>& more = {"--verdict"})
    {
        std::vector<std::string> arguments{"inspect", "--all", "--root", tree.path()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_ctl(arguments);
    }

    TemporaryTree tree;
};

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != text.npos;
}

} // namespace

TEST_F(Inspect, AGoodImage)
{
    const ProgramRun made = run(initramfs_tools_image(policy, "nouveau"), {});
    EXPECT_EQ(made.code, 0);
    expect_golden("inspect_good", transcript(made, tree));
    EXPECT_EQ(inspect_all().out, "/boot/initrd.img-5.10.0-9-amd64: good: 2 functions will be bound by vfio-early\n");
}

TEST_F(Inspect, AnImageOlderThanThePolicy)
{
    const ProgramRun made = run(initramfs_tools_image("bind 01:00.0 id=10de:128b with=function\n", "nouveau"), {});
    EXPECT_EQ(made.code, 1);
    expect_golden("inspect_old_policy", transcript(made, tree));
}

TEST_F(Inspect, AnImageWithoutTheHookFirst)
{
    MadeImage image = initramfs_tools_image(policy, "nouveau");
    image.files["scripts/init-top/ORDER"] = "/scripts/init-top/udev \"$@\"\n/scripts/init-top/00-vfio-early \"$@\"\n";
    const ProgramRun late = run(image);
    EXPECT_EQ(late.code, 1);
    EXPECT_TRUE(contains(late.out, "comes after udev, which loads native drivers")) << late.out;
    EXPECT_TRUE(contains(late.out, "0000:01:00.0 goes to nouveau: nouveau is loaded before vfio-early runs"))
        << late.out;

    image.programs["scripts/init-top/00-a"] = "#!";
    image.files["scripts/init-top/ORDER"] = "/scripts/init-top/00-a \"$@\"\n/scripts/init-top/00-vfio-early \"$@\"\n";
    const ProgramRun second = run(image);
    EXPECT_EQ(second.code, 1);
    EXPECT_EQ(second.out,
              "/boot/initrd.img-5.10.0-9-amd64: 1 problem: scripts/init-top/00-vfio-early comes after 00-a\n");

    image.files["scripts/init-top/ORDER"] = "/scripts/init-top/udev \"$@\"\n";
    EXPECT_TRUE(contains(run(image).out, "nothing in the image starts vfio-early"));
}

TEST_F(Inspect, AnImageWithoutUs)
{
    MadeImage image = initramfs_tools_image(policy);
    image.programs.erase("usr/sbin/vfio-early");
    const ProgramRun made = run(image);
    EXPECT_EQ(made.code, 1);
    EXPECT_TRUE(contains(made.out, "the program vfio-early is not in the image")) << made.out;
    EXPECT_TRUE(contains(made.out, "0000:01:00.0 goes to nouveau: vfio-early is not in the image")) << made.out;
}

TEST_F(Inspect, AnImageWithoutVfioPci)
{
    MadeImage image = initramfs_tools_image(policy, "nouveau");
    image.files.erase("usr/lib/modules/5.10.0-9-amd64/kernel/vfio-pci.ko");
    const ProgramRun made = run(image);
    EXPECT_EQ(made.code, 1);
    EXPECT_TRUE(contains(made.out, "the module vfio-pci is not in the image")) << made.out;
    EXPECT_TRUE(contains(made.out, "0000:01:00.0 goes to nouveau: refused: driver-missing")) << made.out;
}

TEST_F(Inspect, IommufdDoesWhereThereIsNoVfioIommuType1)
{
    const std::string modules = "usr/lib/modules/5.10.0-9-amd64/kernel/";
    MadeImage image = initramfs_tools_image(policy);
    image.files.erase(modules + "vfio_iommu_type1.ko");
    EXPECT_TRUE(contains(run(image).out, "the module vfio_iommu_type1 is not in the image"));
    image.files[modules + "iommufd.ko"] = "ELF";
    EXPECT_TRUE(contains(run(image).out, "the module vfio_iommu_type1 is not in the image"))
        << "this kernel has groups";
    const std::string list = "lib/modules/5.10.0-9-amd64/modules.dep";
    std::string text = tree.read(list);
    const std::string line = "kernel/vfio_iommu_type1.ko:\n";
    ASSERT_NE(text.find(line), text.npos) << text;
    tree.write(list, text.erase(text.find(line), line.size()));
    EXPECT_EQ(run(image).code, 0);
    image.files.erase(modules + "vfio.ko");
    EXPECT_TRUE(contains(run(image).out, "the module vfio is not in the image"));
}

TEST_F(Inspect, ANativeDriverForcedIntoTheImageIsTold)
{
    MadeImage image = initramfs_tools_image(policy, "nouveau");
    image.files["conf/modules"] = "nouveau\n";
    const ProgramRun made = run(image, {});
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.out, "note: conf/modules has nouveau: the native driver nouveau is loaded whatever the "
                                   "hardware; vfio-early is before it"))
        << made.out;
}

TEST_F(Inspect, WhatThePolicyOfNowRefusesIsToldWithTheReason)
{
    tree.write("etc/vfio-early.conf", std::string(policy) + "protect 01:00.0 because=\"screen\"\n");
    const ProgramRun made = run(initramfs_tools_image(policy));
    EXPECT_EQ(made.code, 1);
    EXPECT_TRUE(contains(made.out,
                         "0000:01:00.0 goes to vfio-pci: the image's policy says so, that of now does not: refused: "
                         "policy: screen"))
        << made.out;
}

TEST_F(Inspect, VirtualFunctionsThatWillBeCreatedAreTold)
{
    // The cryptographic coprocessor of that machine; only that it has SR-IOV is made up.
    tree.write("sys/bus/pci/devices/0000:0a:00.2/sriov_numvfs", "0\n");
    tree.write("sys/bus/pci/devices/0000:0a:00.2/sriov_totalvfs", "8\n");
    const std::string with_vfs = std::string(policy) + "bind 0a:00.2 id=1022:15df vfs=4\n";
    tree.write("etc/vfio-early.conf", with_vfs);
    const ProgramRun made = run(initramfs_tools_image(with_vfs), {});
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.out,
                         "0000:0a:00.2 1022:15df  ccp: kept, with 4 virtual functions for vfio-pci (ccp not in the "
                         "image)\n"))
        << made.out;
    EXPECT_EQ(inspect_all().out,
              "/boot/initrd.img-5.10.0-9-amd64: good: 2 functions will be bound by vfio-early, and 4 virtual "
              "functions created\n");
    EXPECT_TRUE(contains(inspect_all({"--json"}).out, "\"virtual_functions\": 4"));
}

TEST_F(Inspect, WhoCreatesVirtualFunctionsIsTheImageOnlyIfTheNativeDriverIsBuiltIn)
{
    tree.write("sys/bus/pci/devices/0000:0a:00.2/sriov_numvfs", "0\n");
    tree.write("sys/bus/pci/devices/0000:0a:00.2/sriov_totalvfs", "8\n");
    const MadeImage older = initramfs_tools_image(std::string(policy) + "bind 0a:00.2 id=1022:15df vfs=4\n");
    // The policy of now wants none. A driver that is loaded later meets only that policy.
    const ProgramRun loaded = run(older);
    EXPECT_EQ(loaded.code, 1);
    EXPECT_FALSE(contains(loaded.out, "0a:00.2")) << loaded.out;

    std::filesystem::remove(tree.path() + "/sys/bus/pci/drivers/ccp/module");
    const ProgramRun built_in = run(older);
    EXPECT_EQ(built_in.code, 1);
    EXPECT_TRUE(contains(built_in.out,
                         "0000:0a:00.2 goes to ccp: kept, with 4 virtual functions for vfio-pci: the image's policy "
                         "says so, the one of now does not"))
        << built_in.out;
}

TEST_F(Inspect, VirtualFunctionsThatCannotBeAreToldWithTheReason)
{
    const std::string with_vfs = std::string(policy) + "bind 0a:00.2 id=1022:15df vfs=4\n";
    tree.write("etc/vfio-early.conf", with_vfs);
    const ProgramRun made = run(initramfs_tools_image(with_vfs));
    EXPECT_EQ(made.code, 1);
    EXPECT_TRUE(contains(made.out, "0000:0a:00.2 goes to ccp: refused: policy: vfs=: it has no SR-IOV")) << made.out;
}

TEST_F(Inspect, APolicyWithErrorsInTheImage)
{
    const ProgramRun made = run(initramfs_tools_image("bnid 01:00.0\n"));
    EXPECT_EQ(made.code, 1);
    EXPECT_TRUE(contains(made.out, "the policy in the image has errors")) << made.out;
}

TEST_F(Inspect, WithABadPolicyTheLastGoodOneIsWhatAnImageShouldHave)
{
    tree.write("var/lib/vfio-early/last-good/etc/vfio-early.conf", policy);
    tree.write("etc/vfio-early.conf", "bnid 01:00.0\n");
    const ProgramRun made = run(initramfs_tools_image(policy));
    EXPECT_EQ(made.code, 2);
    EXPECT_EQ(made.out,
              "/boot/initrd.img-5.10.0-9-amd64: 1 problem: the policy of now has errors, so an image has the last "
              "good one or binds nothing\n");
}

TEST_F(Inspect, DamagedImagesAreToldApart)
{
    const std::string bytes = initramfs_tools_image(policy).archive("xz");
    tree.write(place, bytes.substr(0, bytes.size() / 2));
    tree.write("boot/initrd.img-6.1.0-1-amd64", std::string(3000, 'x'));
    tree.write("boot/vmlinuz-6.1.0-2-amd64", "MZ");
    const ProgramRun run = inspect_all();
    EXPECT_EQ(run.code, 1);
    expect_golden("inspect_damaged", transcript(run, tree));
}

TEST_F(Inspect, Json)
{
    const ProgramRun made = run(initramfs_tools_image(policy, "nouveau"), {"--json"});
    EXPECT_EQ(made.code, 0);
    expect_golden("inspect_json", transcript(made, tree));
}

TEST_F(Inspect, UnifiedKernelImages)
{
    const std::map<std::string, std::string> sections{{".initrd", initramfs_tools_image(policy).archive("zstd")},
                                                      {".cmdline", "vfio_early=off"},
                                                      {".uname", "5.10.0-9-amd64"}};
    tree.write("boot/efi/EFI/Linux/debian.efi", made_pe(sections));
    const ProgramRun made = inspect_all();
    EXPECT_EQ(made.code, 1);
    EXPECT_EQ(made.out,
              "/boot/efi/EFI/Linux/debian.efi: 1 problem: the kernel command line in the image has vfio_early=off\n");
}

TEST_F(Inspect, Usage)
{
    EXPECT_EQ(run_ctl({"inspect"}).code, 2);
    EXPECT_EQ(run_ctl({"inspect", "--all", "x"}).code, 2);
    EXPECT_EQ(run_ctl({"inspect", tree.path() + "/no-such-image"}).code, 2);
    const ProgramRun none = inspect_all();
    EXPECT_EQ(none.code, 1);
    EXPECT_TRUE(contains(none.err, "no initramfs image is installed"));
}

} // namespace vfio_early::test
