/// Read by jemalloc before main: a thread of its own gives memory back to the system one second
/// after it was freed, so that a burst does not stay resident. MALLOC_CONF overrides it.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000";
}
