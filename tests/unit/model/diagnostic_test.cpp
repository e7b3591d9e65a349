// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/diagnostic.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

TEST(Location, IsShortInTheLogAndWholeForTheEditor)
{
    const Location where{"/etc/vfio-early.conf", 7, 12};
    EXPECT_EQ(where.short_text(), "vfio-early.conf:7");
    EXPECT_EQ(where.full_text(), "/etc/vfio-early.conf:7:12");
    EXPECT_EQ((Location{"/etc/vfio-early.conf", 7, 0}.full_text()), "/etc/vfio-early.conf:7");
    EXPECT_EQ((Location{"/etc/vfio-early.conf", 0, 0}.short_text()), "vfio-early.conf");
}

} // namespace
} // namespace vfio_early
