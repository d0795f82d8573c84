/**
 * How a value is written, as the first byte says.
 *
 * Source: rdb.h of Redis 7.0
 */
export const STRING = 0
export const LIST = 1
export const SET = 2
/** Scores as texts. */
export const OLD_SORTED_SET = 3
export const HASH = 4
export const SORTED_SET = 5
export const LIST_ZIPLIST = 10
export const SET_INTSET = 11
export const SORTED_SET_ZIPLIST = 12
export const HASH_ZIPLIST = 13
/** A list of ziplists. */
export const LIST_QUICKLIST = 14
/** Before 7.0, without counters. */
export const OLD_STREAM = 15
export const HASH_LISTPACK = 16
export const SORTED_SET_LISTPACK = 17
/** A list of listpacks. */
export const LIST_QUICKLIST_2 = 18
export const STREAM = 19

/** A library of FUNCTION LOAD, which is no value. */
export const FUNCTION = 245

/** How a node of a list is written. */
export const PLAIN_NODE = 1
export const PACKED_NODE = 2
