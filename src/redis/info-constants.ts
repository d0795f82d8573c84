/**
 * The fields of INFO that say nothing of the in-memory Redis, with the values of a redis-server that has just started: told
 * where clients of all kinds ask, and left out in simulated worlds, which ask ten thousand times a second.
 *
 * Source: INFO of redis-server 7.0.15
 */

const zeros = (...names: readonly string[]): readonly string[] => names.map((name) => `${name}:0`)

/** By the title of the section. */
export const INFO_CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  Memory: [
    'used_memory_peak_perc:100.00%',
    'used_memory_overhead:876312',
    'used_memory_startup:876112',
    'used_memory_dataset:40016',
    'used_memory_dataset_perc:99.50%',
    'allocator_allocated:1690848',
    'allocator_active:1826816',
    'allocator_resident:4497408',
    'total_system_memory:8589934592',
    'total_system_memory_human:8.00G',
    'used_memory_lua:32768',
    'used_memory_vm_eval:32768',
    'used_memory_lua_human:32.00K',
    'used_memory_scripts_eval:0',
    'used_memory_vm_functions:33792',
    'used_memory_vm_total:66560',
    'used_memory_vm_total_human:65.00K',
    'used_memory_functions:200',
    'used_memory_scripts:200',
    'used_memory_scripts_human:200B',
    'maxmemory_human:0B',
    'allocator_frag_ratio:1.08',
    'allocator_frag_bytes:135968',
    'allocator_rss_ratio:2.46',
    'allocator_rss_bytes:2670592',
    'rss_overhead_ratio:1.51',
    'rss_overhead_bytes:2297856',
    'mem_fragmentation_ratio:7.75',
    'mem_fragmentation_bytes:5919008',
    ...zeros('mem_not_counted_for_evict', 'mem_replication_backlog', 'mem_total_replication_buffers'),
    ...zeros('mem_clients_slaves', 'mem_clients_normal', 'mem_cluster_links', 'mem_aof_buffer'),
    ...zeros('active_defrag_running', 'lazyfree_pending_objects', 'lazyfreed_objects'),
  ],
  Persistence: [
    ...zeros('current_cow_peak', 'current_cow_size', 'current_cow_size_age'),
    'current_fork_perc:0.00',
    ...zeros('current_save_keys_processed', 'current_save_keys_total'),
    'rdb_last_bgsave_time_sec:-1',
    'rdb_current_bgsave_time_sec:-1',
    ...zeros('rdb_saves', 'rdb_last_cow_size', 'rdb_last_load_keys_expired', 'rdb_last_load_keys_loaded'),
    'aof_rewrite_scheduled:0',
    'aof_last_rewrite_time_sec:-1',
    'aof_current_rewrite_time_sec:-1',
    ...zeros('aof_rewrites', 'aof_rewrites_consecutive_failures', 'aof_last_cow_size'),
    ...zeros('module_fork_in_progress', 'module_fork_last_cow_size'),
  ],
  Stats: [
    'expired_stale_perc:0.00',
    ...zeros('expired_time_cap_reached_count', 'expire_cycle_cpu_milliseconds', 'evicted_clients'),
    ...zeros('total_eviction_exceeded_time', 'current_eviction_exceeded_time', 'latest_fork_usec', 'total_forks'),
    ...zeros('migrate_cached_sockets', 'slave_expires_tracked_keys', 'active_defrag_hits', 'active_defrag_misses'),
    ...zeros('active_defrag_key_hits', 'active_defrag_key_misses', 'total_active_defrag_time'),
    ...zeros('current_active_defrag_time', 'unexpected_error_replies', 'dump_payload_sanitizations'),
    ...zeros('io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ...zeros('reply_buffer_shrinks', 'reply_buffer_expands'),
  ],
  CPU: ['used_cpu_sys_main_thread:0.000000', 'used_cpu_user_main_thread:0.000000'],
}
