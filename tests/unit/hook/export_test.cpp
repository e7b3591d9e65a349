// SPDX-License-Identifier: GPL-2.0-or-later
// What is bound, as others want to be told of it. tests/corpus/fleet was written by hand from their documentation.
#include "early/tell/report_lines.hpp"
#include "tests/support/files.hpp"
#include "tests/support/outcomes.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <array>
#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr std::string_view machine = R"(release 6.1.0-25-amd64
function 0000:01:00.0 id=10de:2503 class=030000 subsystem=1462:3976 group=1 driver=vfio-pci/vfio_pci
function 0000:01:00.1 id=10de:228e class=040300 subsystem=1462:3976 group=1 driver=vfio-pci/vfio_pci
function 0000:65:00.0 id=10de:1eb8 class=030200 subsystem=10de:12a2 group=14 driver=vfio-pci/vfio_pci
function 0000:66:00.0 id=10de:1eb8 class=030200 subsystem=10de:12a2 group=15 driver=vfio-pci/vfio_pci
function 0000:67:00.0 id=10de:1eb8 class=030200 subsystem=10de:12a2 group=16 driver=nouveau
function 0000:68:00.0 id=8086:6f54 class=0b4000 subsystem=8086:0000 group=17 driver=c6xx
function 0000:69:00.0 id=1022:43d5 class=0c0330 subsystem=1022:1142 group=18 driver=pci-stub
function 0000:6a:00.0 id=10de:1db4 class=030200 subsystem=10de:12a2 group=22 driver=vfio-pci/vfio_pci
function 0000:70:00.0 id=15b3:101b class=020700 subsystem=15b3:0007 group=19 driver=mlx5_core vfs=1
function 0000:70:00.1 id=15b3:101c class=020700 subsystem=15b3:0007 group=20 driver=mlx5_vfio_pci physfn=0000:70:00.0
function 10000:01:00.0 id=8086:0a54 class=010802 subsystem=8086:4702 group=21 driver=vfio-pci/vfio_pci
name 10de NVIDIA Corporation
name 10de:1eb8 TU104GL [Tesla T4]
name 10de:2503 GA106 [GeForce RTX 3060]
name 10de:228e GA106 High Definition Audio Controller
name 15b3 Mellanox Technologies
class 0108 Non-Volatile memory controller
file proc/sys/kernel/hostname
| pve3.example.org
)";

Outcome bound(const char* address, const char* id, const char* driver)
{
    return outcome(Outcome::Kind::bound, address, id, driver);
}

class Export : public SystemTest {
protected:
    Export()
    {
        expand_machine_text(machine, tree);
        // As a later run may have them: not in the order of addresses.
        report.outcomes = {bound("10000:01:00.0", "8086:0a54", "vfio-pci"), bound("65:00.0", "10de:1eb8", "vfio-pci"),
                           bound("66:00.0", "10de:1eb8", "vfio-pci"), bound("67:00.0", "10de:1eb8", "vfio-pci"),
                           // Another card is there now; somebody else has bound that.
                           bound("6a:00.0", "10de:1eb8", "vfio-pci"), bound("01:00.0", "10de:2503", "vfio-pci"),
                           bound("01:00.1", "10de:228e", "vfio-pci"), bound("69:00.0", "1022:43d5", "pci-stub"),
                           bound("70:00.1", "15b3:101c", "mlx5_vfio_pci")};
        Outcome& refused = report.outcomes.emplace_back(bound("68:00.0", "8086:6f54", ""));
        refused.kind = Outcome::Kind::refused;
        refused.refusal = Refusal::group;
        write();
    }

    void write() const { ASSERT_TRUE(write_report(*Root::open(tree.path()), report)); }

    [[nodiscard]] static std::string sample(const std::string& name)
    {
        return read_text(std::string(VFIO_EARLY_SOURCE_DIR "/tests/corpus/fleet/") + name);
    }

    Report report;
};

} // namespace

TEST_F(Export, IsWhatEachDocumentationShows)
{
    constexpr std::array<std::pair<const char*, const char*>, 4> samples{
        {{"kubevirt", "kubevirt.yaml"}, {"nova", "nova.conf"}, {"proxmox", "pci.cfg"}, {"nfd", "features"}}};
    for (const auto& [format, file] : samples) {
        const ProgramRun done = run({"export", format});
        EXPECT_EQ(done.code, 0) << done.err;
        EXPECT_EQ(done.out, sample(file)) << file;
    }
}

TEST_F(Export, ACardOfWhichNotAllIsBoundIsNamedByItsFunctions)
{
    std::erase_if(report.outcomes, [](const Outcome& outcome) { return outcome.id == "10de:228e"; });
    write();
    const ProgramRun done = run({"export", "proxmox"});
    EXPECT_TRUE(has_words(done.out, "path=0000:01:00.0,"));
    EXPECT_EQ(done.out.find("10de:228e"), done.out.npos);
}

TEST_F(Export, ADryRunHasBoundNothing)
{
    report.mode = BootRequest::Mode::dry_run;
    write();
    EXPECT_EQ(run({"export", "kubevirt"}).out, "configuration:\n  permittedHostDevices:\n    pciHostDevices: []\n");
    EXPECT_EQ(run({"export", "nfd"}).out, "feature.node.kubernetes.io/vfio-early.mode=dry-run\n"
                                          "feature.node.kubernetes.io/vfio-early.ok=false\n");
}

TEST_F(Export, OfABootWithoutUsOnlyTheLabelsTell)
{
    std::filesystem::remove(tree.path() + "/" + report_path);
    for (const char* format : {"kubevirt", "nova", "proxmox"}) {
        const ProgramRun done = run({"export", format});
        EXPECT_EQ(done.code, 1);
        EXPECT_EQ(done.out, "");
        EXPECT_TRUE(has_words(done.err, "vfio-early did not run"));
    }
    EXPECT_EQ(run({"export", "nfd"}).out, "feature.node.kubernetes.io/vfio-early.mode=none\n"
                                          "feature.node.kubernetes.io/vfio-early.ok=false\n");
}

TEST_F(Export, WritesTheFeaturesAsAWholeWhereTheirFolderIs)
{
    const std::string folder = tree.path() + "/features.d";
    EXPECT_EQ(run({"export", "nfd", "--out", folder + "/vfio-early"}).code, 2) << "nobody would look there";
    EXPECT_FALSE(tree.exists("features.d"));
    std::filesystem::create_directory(folder);
    EXPECT_EQ(run({"export", "nfd", "--out", folder + "/vfio-early"}).code, 0);
    EXPECT_EQ(tree.read("features.d/vfio-early"), sample("features"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "no temporary file is left";
    EXPECT_EQ(run({"export", "nova", "--out", folder + "/nova.conf"}).code, 2);
    EXPECT_FALSE(tree.exists("features.d/nova.conf"));
}

TEST_F(Export, WantsAFormatThatIsKnown)
{
    EXPECT_TRUE(has_words(run({"export"}).err, "for whom? kubevirt, nova, proxmox or nfd"));
    EXPECT_TRUE(has_words(run({"export", "kubevrit"}).err, "did you mean \"kubevirt\"?"));
    EXPECT_EQ(run({"export", "openshift"}).code, 2);
}

} // namespace vfio_early::test
