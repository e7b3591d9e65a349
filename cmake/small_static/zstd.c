/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debian's libzstd also reads the formats of zstd 0.5 to 0.7 (2016, before the first stable one): 92 KiB, and no kernel
 * module was ever compressed with them. Their decoders' entry points, as an error (ZSTD_isError() is true for values
 * near the top of size_t, and a null pointer is a failed allocation for the create functions), keep the archive's
 * own out. Weak, so that a libzstd that is built otherwise still links. */

#include <stddef.h>

#define FAILS(function)                                                                                                \
    size_t function(void);                                                                                             \
    __attribute__((weak)) size_t function(void)                                                                        \
    {                                                                                                                  \
        return (size_t)-1;                                                                                             \
    }
#define CREATES_NOTHING(function)                                                                                      \
    void *function(void);                                                                                              \
    __attribute__((weak)) void *function(void)                                                                         \
    {                                                                                                                  \
        return NULL;                                                                                                   \
    }
/* Tells its errors through its pointers (ZSTD_CONTENTSIZE_ERROR). */
#define FINDS_NO_SIZE(function)                                                                                        \
    void function(const void *, size_t, size_t *, unsigned long long *);                                               \
    __attribute__((weak)) void function(const void *from, size_t length, size_t *size, unsigned long long *bound)      \
    {                                                                                                                  \
        (void)from;                                                                                                    \
        (void)length;                                                                                                  \
        *size = (size_t)-1;                                                                                            \
        *bound = 0ULL - 2;                                                                                             \
    }
#define VERSION_OF_ZSTD(number)                                                                                        \
    CREATES_NOTHING(ZBUFFv##number##_createDCtx)                                                                       \
    FAILS(ZBUFFv##number##_decompressContinue)                                                                         \
    FAILS(ZBUFFv##number##_decompressInitDictionary)                                                                   \
    FAILS(ZBUFFv##number##_freeDCtx)                                                                                   \
    CREATES_NOTHING(ZSTDv##number##_createDCtx)                                                                        \
    FAILS(ZSTDv##number##_decompress_usingDict)                                                                        \
    FINDS_NO_SIZE(ZSTDv##number##_findFrameSizeInfoLegacy)                                                                   \
    FAILS(ZSTDv##number##_freeDCtx)                                                                                    \
    FAILS(ZSTDv##number##_getFrameParams)

VERSION_OF_ZSTD(05)
VERSION_OF_ZSTD(06)
VERSION_OF_ZSTD(07)
