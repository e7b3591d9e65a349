/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libkmod only reads gzip files, but zlib's gzclose() can also close one that was written, and so takes the whole
 * compressor along: 37 KiB. Weak, so that a zlib that is built otherwise still links. */

struct gzFile_s;
int gzclose_r(struct gzFile_s *file);

int gzclose(struct gzFile_s *file);
__attribute__((weak)) int gzclose(struct gzFile_s *file)
{
    return gzclose_r(file);
}
