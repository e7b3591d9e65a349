// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/module_file.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

TEST(ModuleFile, TheNameStandsBeforeTheSuffixWhateverTheCompression)
{
    EXPECT_EQ(module_of_file("kernel/drivers/nvme/host/nvme.ko"), "nvme");
    EXPECT_EQ(module_of_file("kernel/drivers/vfio/pci/vfio-pci.ko.xz"), "vfio_pci");
    EXPECT_EQ(module_of_file("updates/dkms/nvidia-drm.ko.zst"), "nvidia_drm");
    EXPECT_EQ(module_of_file("i2c-dev.ko"), "i2c_dev");
    EXPECT_EQ(module_of_file("a.kojak.ko"), "a.kojak");
}

TEST(ModuleFile, ADotInTheNameIsAPartOfIt)
{
    EXPECT_EQ(module_of_file("kernel/net/sch.v2.ko.gz"), "sch.v2");
}

TEST(ModuleFile, OtherFilesHoldNoModule)
{
    for (const char* path :
         {"", "modules.alias", "kernel/drivers", "kernel.ko/modules.order", "vfio.kontrol", "a.ko-old"})
        EXPECT_EQ(module_of_file(path), "") << path;
}

} // namespace vfio_early::test
