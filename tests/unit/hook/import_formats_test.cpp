// SPDX-License-Identifier: GPL-2.0-or-later
// What each format's lines mean, without any machine.
#include "early/model/matcher.hpp"
#include "early/model/text.hpp"
#include "hook/import/source.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

std::vector<SourceLine> read(SourceKind kind, const std::string& name, const std::string& text)
{
    return read_source({.kind = kind, .name = name, .text = text});
}

SourceLine read_one(SourceKind kind, const std::string& text, const std::string& name = "/file")
{
    const auto lines = read(kind, name, text);
    EXPECT_EQ(lines.size(), 1U) << text;
    return lines.empty() ? SourceLine{} : lines.front();
}

/// The selectors of a line, as a policy would write them.
std::string wishes_text(const SourceLine& line)
{
    std::vector<std::string> texts;
    for (const Wish& wish : line.wishes)
        texts.push_back(selector_text(wish.selector) + (wish.driver == "auto" ? "" : " driver=" + wish.driver) +
                        (wish.whole_group ? " group" : ""));
    return join(texts, "; ");
}

SourceLine modprobe(const std::string& text)
{
    return read_one(SourceKind::modprobe, text);
}
SourceLine boot_word(const std::string& text)
{
    return read_one(SourceKind::command_line, text);
}

} // namespace

TEST(ImportModprobe, IdsNameFunctions)
{
    const SourceLine line = modprobe("options vfio-pci ids=10de:128b,10de:0e0f disable_vga=1");
    EXPECT_EQ(wishes_text(line), "id=10de:128b; id=10de:0e0f");
    ASSERT_EQ(line.settings.size(), 1U);
    EXPECT_EQ(line.settings[0].module + " " + line.settings[0].options, "vfio_pci disable_vga=1");
    EXPECT_EQ(line.fate, LineFate::remove);
}

TEST(ImportModprobe, IdsMayHoldSubsystemAndClass)
{
    EXPECT_EQ(wishes_text(modprobe("options vfio_pci ids=10de:128b:1458:36f6")), "id=10de:128b subsystem=1458:36f6");
    EXPECT_EQ(wishes_text(modprobe("options vfio_pci ids=10de:ffffffff:ffffffff:ffffffff:030000:ff0000")),
              "id=10de:* class=display");
    EXPECT_EQ(wishes_text(modprobe("options vfio_pci ids=0x10DE:0x128B")), "id=10de:128b");
}

TEST(ImportModprobe, AnEntryThatNoPolicyCanSayIsNotUnderstood)
{
    const SourceLine any = modprobe("options vfio-pci ids=ffffffff:ffffffff,10de:128b");
    EXPECT_EQ(any.fate, LineFate::not_understood);
    EXPECT_NE(any.why.find("ffffffff:ffffffff"), any.why.npos);
    EXPECT_EQ(modprobe("options vfio-pci ids=10de").fate, LineFate::not_understood);
    EXPECT_EQ(modprobe("options vfio-pci ids=10de:128b:xyz").fate, LineFate::not_understood);
}

TEST(ImportModprobe, OtherModulesAreUnrelated)
{
    EXPECT_EQ(modprobe("options kvm ignore_msrs=1").fate, LineFate::unrelated);
    EXPECT_EQ(modprobe("options nouveau modeset=0").fate, LineFate::unrelated);
    EXPECT_EQ(modprobe("remove vfio_pci modprobe -r vfio_pci").fate, LineFate::unrelated);
}

TEST(ImportModprobe, AliasesNameFunctionsByModalias)
{
    const SourceLine line = modprobe("alias pci:v00008086d00003E92sv00001458sd0000D000bc03sc80i00 vfio-pci");
    EXPECT_EQ(wishes_text(line), "modalias=pci:v00008086d00003E92sv00001458sd0000D000bc03sc80i00");
    EXPECT_EQ(line.fate, LineFate::remove);
    EXPECT_EQ(modprobe("alias nouveau off").blocked_modules, std::vector<std::string>{"nouveau"});
    EXPECT_EQ(modprobe("alias eth0 e1000e").fate, LineFate::unrelated);
}

TEST(ImportModprobe, SoftdepsOnlyOrderModules)
{
    EXPECT_EQ(modprobe("softdep nouveau pre: vfio-pci").fate, LineFate::remove);
    EXPECT_EQ(modprobe("softdep nouveau pre: vfio vfio-pci post: drm").fate, LineFate::keep);
    EXPECT_EQ(modprobe("softdep snd_hda_intel pre: snd_seq").fate, LineFate::unrelated);
}

TEST(ImportModprobe, InstallCommands)
{
    EXPECT_EQ(modprobe("install nouveau /bin/false").blocked_modules, std::vector<std::string>{"nouveau"});
    EXPECT_EQ(modprobe("install i915 /sbin/modprobe vfio-pci; /sbin/modprobe --ignore-install i915").fate,
              LineFate::remove);
    EXPECT_EQ(modprobe("install vfio-pci /usr/bin/vfio-pci-override.sh").fate, LineFate::not_understood);
    EXPECT_EQ(modprobe("install sctp /sbin/modprobe --ignore-install sctp").fate, LineFate::unrelated);
}

TEST(ImportModprobe, LinesAreNumberedAsInTheFile)
{
    const auto lines = read(SourceKind::modprobe, "/etc/modprobe.d/vfio.conf",
                            "# a comment\n\noptions vfio-pci \\\n  ids=10de:128b\n  blacklist nouveau\n");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].location(), "/etc/modprobe.d/vfio.conf:3");
    EXPECT_EQ(wishes_text(lines[0]), "id=10de:128b");
    EXPECT_EQ(lines[1].location(), "/etc/modprobe.d/vfio.conf:5");
}

TEST(ImportCommandLine, DashAndUnderscoreAreTheSame)
{
    EXPECT_EQ(wishes_text(boot_word("vfio-pci.ids=10de:128b")), "id=10de:128b");
    EXPECT_EQ(wishes_text(boot_word("vfio_pci.ids=10de:128b")), "id=10de:128b");
    EXPECT_EQ(wishes_text(boot_word("pci-stub.ids=10de:128b,10de:0e0f")), "id=10de:128b; id=10de:0e0f");
}

TEST(ImportCommandLine, XenNamesAddresses)
{
    const SourceLine line = boot_word("xen-pciback.hide=(0000:01:00.0)(02:00.*)");
    EXPECT_EQ(wishes_text(line), "0000:01:00.0; 0000:02:00.*");
    EXPECT_EQ(boot_word("xen-pciback.hide=(nonsense)").fate, LineFate::not_understood);
}

TEST(ImportCommandLine, OtherWords)
{
    EXPECT_EQ(boot_word("rd.driver.pre=vfio-pci").fate, LineFate::remove);
    EXPECT_EQ(boot_word("rd.driver.pre=vfio-pci,ahci").fate, LineFate::keep);
    EXPECT_EQ(boot_word("rd.driver.pre=ahci").fate, LineFate::unrelated);
    EXPECT_EQ(boot_word("modprobe.blacklist=nouveau,snd-hda-intel").blocked_modules,
              (std::vector<std::string>{"nouveau", "snd_hda_intel"}));
    EXPECT_EQ(boot_word("vfio_iommu_type1.allow_unsafe_interrupts=1").settings.size(), 1U);
    EXPECT_EQ(boot_word("iommu=pt").fate, LineFate::unrelated);
}

TEST(ImportCommandLine, GrubHoldsItInQuotes)
{
    const auto lines = read(SourceKind::grub, "/etc/default/grub",
                            "GRUB_DEFAULT=0\n"
                            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet vfio-pci.ids=10de:128b\"\n"
                            "#GRUB_CMDLINE_LINUX=\"vfio-pci.ids=1:2\"\n"
                            "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\"\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(wishes_text(lines[1]), "id=10de:128b");
    EXPECT_EQ(lines[1].location(), "/etc/default/grub:2");
    EXPECT_EQ(lines[2].text, "intel_iommu=on");
}

TEST(ImportDriverctl, TheFileNameIsTheAddress)
{
    const auto read_file = [](const std::string& name, const std::string& text) {
        return read_one(SourceKind::driverctl, text, "/etc/driverctl.d/" + name);
    };
    const SourceLine line = read_file("pci-0000:01:00.0", "vfio-pci\n");
    EXPECT_EQ(wishes_text(line), "0000:01:00.0");
    EXPECT_EQ(line.fate, LineFate::remove);
    EXPECT_EQ(wishes_text(read_file("pci-0000:01:00.0", "uio_pci_generic\n")), "0000:01:00.0 driver=uio_pci_generic");
    EXPECT_EQ(read_file("pci-0000:01:00.0", "none\n").fate, LineFate::keep);
    EXPECT_EQ(read_file("vmbus-f8615163", "uio_hv_generic\n").fate, LineFate::unrelated);
    EXPECT_EQ(read_file("pci-nonsense", "vfio-pci\n").fate, LineFate::not_understood);
}

TEST(ImportLibvirt, HostdevsInterfacesAndDisks)
{
    const auto lines =
        read(SourceKind::libvirt, "/etc/libvirt/qemu/VM.xml",
             "<domain type='kvm'><devices>\n"
             "<hostdev mode='subsystem' type='pci' managed='yes'><source>\n"
             "<address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></source>\n"
             "<address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/></hostdev>\n"
             "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/></source></hostdev>\n"
             "<interface type='hostdev'><source><address type='pci' domain='0' bus='2' slot='16' "
             "function='0'/></source></interface>\n"
             "<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x03' slot='0x00' "
             "function='0x0'/>"
             "</source></disk>\n"
             "</devices></domain>\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(wishes_text(lines[0]), "0000:01:00.1");
    EXPECT_EQ(lines[0].number, 2U);
    EXPECT_EQ(lines[0].fate, LineFate::keep);
    EXPECT_EQ(wishes_text(lines[1]), "0000:02:10.0");
    EXPECT_EQ(wishes_text(lines[2]), "0000:03:00.0");
}

TEST(ImportLibvirt, BrokenXmlIsOneLineNotUnderstood)
{
    const auto lines = read(SourceKind::libvirt, "-", "<domain><devices>");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].fate, LineFate::not_understood);
    const auto no_address = read(SourceKind::libvirt, "-", "<domain><hostdev type='pci'><source/></hostdev></domain>");
    ASSERT_EQ(no_address.size(), 1U);
    EXPECT_EQ(no_address[0].fate, LineFate::not_understood);
}

TEST(ImportProxmox, HostpciLines)
{
    const auto guest = [](const std::string& text) { return read_one(SourceKind::proxmox_guest, text); };
    EXPECT_EQ(wishes_text(guest("hostpci0: 0000:01:00,pcie=1,x-vga=1")), "0000:01:00.*");
    EXPECT_EQ(wishes_text(guest("hostpci0: 01:00.0;01:00.1,pcie=1")), "0000:01:00.0; 0000:01:00.1");
    EXPECT_EQ(wishes_text(guest("hostpci15: host=02:00.0")), "0000:02:00.0");
    EXPECT_EQ(guest("hostpci1: mapping=gpu,pcie=1").mapping, "gpu");
    EXPECT_EQ(wishes_text(guest("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4")), "");
    EXPECT_EQ(guest("hostpci0: nonsense").fate, LineFate::not_understood);
    EXPECT_EQ(guest("memory: 4096").fate, LineFate::unrelated);
}

TEST(ImportProxmox, WhatFollowsASnapshotIsThePast)
{
    const auto lines = read(SourceKind::proxmox_guest, "101.conf", "cores: 4\n[old]\nhostpci0: 01:00.0\n");
    EXPECT_EQ(lines.back().fate, LineFate::unrelated);
    EXPECT_TRUE(lines.back().wishes.empty());
}

TEST(ImportProxmox, MappingsCarryIdentity)
{
    const auto lines = read(SourceKind::proxmox_mapping, "pci.cfg",
                            "gpu\n"
                            "\tmap id=10de:128b,iommugroup=1,node=pve1,path=0000:01:00.0,subsystem-id=1458:36f6\n"
                            "\n"
                            "vgpu\n"
                            "\tmap id=10de:2230,node=pve1,path=0000:c1:00.0\n"
                            "\tmdev 1\n");
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(wishes_text(lines[1]), "0000:01:00.0 id=10de:128b subsystem=1458:36f6");
    EXPECT_EQ(lines[1].node, "pve1");
    EXPECT_EQ(lines[1].mapping, "gpu");
    EXPECT_TRUE(lines[3].wishes.empty()) << "a mediated device stays with its driver";
}

TEST(ImportUnraid, AddressesIdsAndBoth)
{
    const SourceLine line = read_one(SourceKind::unraid, "BIND=0000:01:00.0|10de:128b 02:00.0 8086:1533");
    EXPECT_EQ(wishes_text(line), "0000:01:00.0 id=10de:128b group; 0000:02:00.0 group; id=8086:1533 group");
    EXPECT_EQ(line.fate, LineFate::remove);
    EXPECT_EQ(read_one(SourceKind::unraid, "BIND=nonsense").fate, LineFate::not_understood);
    EXPECT_EQ(read_one(SourceKind::unraid, "VFS=0000:03:00.0|8086:1533|2").fate, LineFate::not_understood);
}

TEST(ImportModuleLists, OnlyTheVfioModulesMatter)
{
    const auto lines =
        read(SourceKind::module_list, "/etc/modules", "# modules\nvfio_pci\nvfio_virqfd\nloop max_loop=8\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].fate, LineFate::remove);
    EXPECT_NE(lines[1].why.find("6.2"), std::string::npos);
    EXPECT_EQ(lines[2].fate, LineFate::unrelated);
    const SourceLine with_ids =
        read_one(SourceKind::image_modules, "vfio_pci ids=10de:128b", "/etc/initramfs-tools/modules");
    EXPECT_EQ(wishes_text(with_ids), "id=10de:128b");
}

TEST(ImportDetection, EachFormatIsKnownByItsContent)
{
    EXPECT_EQ(detect_source_kind("-", "options vfio-pci ids=1:2\n"), SourceKind::modprobe);
    EXPECT_EQ(detect_source_kind("-", "  <domain/>"), SourceKind::libvirt);
    EXPECT_EQ(detect_source_kind("/etc/driverctl.d/pci-0000:01:00.0", "vfio-pci\n"), SourceKind::driverctl);
    EXPECT_EQ(detect_source_kind("-", "BIND=01:00.0\n"), SourceKind::unraid);
    EXPECT_EQ(detect_source_kind("100.conf", "cores: 4\nhostpci0: 01:00\n"), SourceKind::proxmox_guest);
    EXPECT_EQ(detect_source_kind("pci.cfg", "gpu\n\tmap id=1:2,path=0000:01:00.0\n"), SourceKind::proxmox_mapping);
    EXPECT_EQ(detect_source_kind("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"\"\n"), SourceKind::grub);
    EXPECT_EQ(detect_source_kind("/proc/cmdline", "quiet vfio-pci.ids=1:2\n"), SourceKind::command_line);
    EXPECT_EQ(detect_source_kind("/etc/modules", "# x\nvfio\nvfio_pci\n"), SourceKind::module_list);
    EXPECT_EQ(detect_source_kind("letter.txt", "Dear Sir, how are you?\n"), std::nullopt);
    std::vector<std::optional<SourceKind>> kinds;
    for (const std::string& word : source_kind_words())
        kinds.push_back(parse_source_kind(word));
    ASSERT_EQ(kinds.size(), 11U);
    for (std::size_t index = 0; index < kinds.size(); ++index)
        EXPECT_EQ(kinds[index], static_cast<SourceKind>(index));
}

} // namespace vfio_early::test
