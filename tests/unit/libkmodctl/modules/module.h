/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What depmod reads of a module: the pairs in .modinfo, the names of exported symbols, undefined symbols. */
#define MODINFO(text) .section .modinfo, "a"; .asciz text
#define EXPORTS(symbol) .section __ksymtab_strings, "a"; .asciz symbol
#define NEEDS(symbol) .section .data; .quad symbol
