/**
 * The C source of the preload library that gives a real server virtual time.
 *
 * Models          the wall clock and the monotonic clock (both read from a mapped file), the seed that a server takes
 *                 from /dev/urandom (its hash seed, so the order of SMEMBERS and SCAN), and reseeding of its random
 *                 numbers (SPOP, RANDOMKEY) between two worlds; a machine without memory for a child process, so that
 *                 snapshots fail; connections to and from other servers, which lead to the world in place of a port (\`peer-links.ts\`).
 * Does not model  virtual time for other threads than the main one; CPU time clocks, and kernel timeouts but that of epoll_wait.
 *
 * Invariants
 * - Nothing here allocates before the server's own allocator is up: jemalloc reads the clock while it starts.
 * - Between two turns of its loop a server sleeps until something comes: it never finds out by itself that its clock has moved.
 * - The server dies with the thread that started it (PR_SET_PDEATHSIG), so no signal to lockstorm leaves one behind.
 *
 * Kept as a string so that it survives compiling and packing; layout of the file: see `clock-file.ts`.
 */
export const PRELOAD_SOURCE = `#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct clock_file { int64_t wall_us, monotonic_us; uint32_t generation, seed, refuses_forks; };
static volatile struct clock_file *file;
static uint32_t generation;

static int is_virtual(void) {
  if (file) return 1;
  const char *path = getenv("LOCKSTORM_CLOCK");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  void *at = mmap(0, sizeof(*file), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) return 0;
  file = at;
  generation = file->generation;
  return 1;
}

/* Only the thread that runs commands lives in virtual time. The allocator's own thread sleeps until a time that it
   computes: with a clock that stands still it would never sleep, and use up a whole core. */
static int is_main(void) {
  static __thread int known;
  if (!known) known = syscall(SYS_gettid) == getpid() ? 1 : 2;
  return known == 1;
}

/* A world begins: random numbers start again from its seed. */
static void reseed(void) {
  generation = file->generation;
  srand(file->seed);
  srandom(file->seed);
  void (*mersenne)(unsigned long long) = dlsym(RTLD_DEFAULT, "init_genrand64");
  if (mersenne) mersenne(file->seed);
}

int clock_gettime(clockid_t id, struct timespec *out) {
  int is_wall = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
  int is_monotonic = id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW || id == CLOCK_BOOTTIME;
  if (!(is_wall || is_monotonic) || !is_main() || !is_virtual()) return syscall(SYS_clock_gettime, id, out);
  if (file->generation != generation) reseed();
  int64_t us = is_wall ? file->wall_us : file->monotonic_us;
  out->tv_sec = us / 1000000;
  out->tv_nsec = us % 1000000 * 1000;
  return 0;
}

int gettimeofday(struct timeval *out, void *zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

/* Who moves the clock has something to say. A server that woke up by itself just then would look at the time before it reads that. */
int epoll_wait(int poll, struct epoll_event *events, int count, int timeout) {
  static int (*next)(int, struct epoll_event *, int, int);
  if (!next) next = dlsym(RTLD_NEXT, "epoll_wait");
  return next(poll, events, count, timeout > 0 && is_main() && is_virtual() ? -1 : timeout);
}

static FILE *open_file(const char *name, const char *path, const char *mode) {
  FILE *(*next)(const char *, const char *) = dlsym(RTLD_NEXT, name);
  int is_seed = is_virtual() && strcmp(path, "/dev/urandom") == 0;
  return next(is_seed ? getenv("LOCKSTORM_CLOCK") : path, mode);
}
FILE *fopen(const char *path, const char *mode) { return open_file("fopen", path, mode); }
FILE *fopen64(const char *path, const char *mode) { return open_file("fopen64", path, mode); }

pid_t fork(void) {
  pid_t (*next)(void) = dlsym(RTLD_NEXT, "fork");
  if (!is_virtual() || !file->refuses_forks) return next();
  errno = ENOMEM;
  return -1;
}

/* A connection to another server leads to the world. The world cannot listen, as it never waits: it has connected to a socket of ours
   beforehand. One of those connections takes the place of the one asked for, and its first line says where it is to lead. */
static int spare_links = -1;
#define NAMES_MAX 200
static char names[NAMES_MAX][64];
static int name_count;

static int (*next_bind(void))(int, const struct sockaddr *, socklen_t) { return dlsym(RTLD_NEXT, "bind"); }

static int socket_at(const char *path) {
  struct sockaddr_un at = { .sun_family = AF_UNIX };
  strncpy(at.sun_path, path, sizeof(at.sun_path) - 1);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 || next_bind()(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -1 : fd;
}

__attribute__((constructor)) static void listen_for_spare_links(void) {
  const char *path = getenv("LOCKSTORM_LINKS");
  if (!path) return;
  int fd = socket_at(path);
  if (fd >= 0 && listen(fd, 128) == 0) spare_links = fd;
}

/* The only port that such a server listens at is that of the bus of its cluster: the world connects there for the others. */
static int bus_port;
int bind(int fd, const struct sockaddr *at, socklen_t length) {
  const char *path = getenv("LOCKSTORM_BUS");
  if (!path || at->sa_family != AF_INET) return next_bind()(fd, at, length);
  int bus = socket_at(path);
  if (bus < 0) return -1;
  bus_port = ((const struct sockaddr_in *)at)->sin_port;
  int is_done = dup3(bus, fd, O_CLOEXEC) >= 0;
  close(bus);
  return is_done ? 0 : -1;
}

/* No machine of the world loses what its disk was not told to keep: real time would pass for nothing. */
int fsync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
  return spare_links >= 0 ? 0 : next(fd);
}

/* A name of the world gets an address of its own, and connect() finds the name again. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
  int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  struct in6_addr numeric;
  if (spare_links < 0 || !name || inet_pton(AF_INET, name, &numeric) == 1 || inet_pton(AF_INET6, name, &numeric) == 1) return next(name, service, hints, out);
  int index = 0;
  while (index < name_count && strcmp(names[index], name) != 0) index++;
  if (index == NAMES_MAX || strlen(name) >= sizeof(names[0])) return EAI_NONAME;
  if (index == name_count) strcpy(names[name_count++], name);
  char address[16];
  snprintf(address, sizeof(address), "10.99.0.%d", index + 1);
  return next(address, service, hints, out);
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
  int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
  if (spare_links < 0 || to->sa_family != AF_INET) return next(fd, to, length);
  int domain = 0;
  socklen_t size = sizeof(domain);
  /* Asked a second time, to see whether it is connected. */
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX) return 0;
  int link = accept4(spare_links, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (link < 0) {
    errno = ECONNREFUSED;
    return -1;
  }
  const struct sockaddr_in *at = (const struct sockaddr_in *)to;
  uint32_t number = ntohl(at->sin_addr.s_addr);
  int index = (int)(number & 255) - 1;
  char text[INET_ADDRSTRLEN];
  const char *name = number >> 8 == (10 << 16 | 99 << 8) && index >= 0 && index < name_count ? names[index] : inet_ntop(AF_INET, &at->sin_addr, text, sizeof(text));
  dprintf(link, "%s %d\\n", name, ntohs(at->sin_port));
  /* Whether a node can be reached matters to its cluster: this connection is open when the world has made room in it. */
  static const char nothing[65536];
  while (at->sin_port == bus_port && send(link, nothing, sizeof(nothing), MSG_NOSIGNAL) > 0);
  int is_done = dup3(link, fd, O_CLOEXEC) >= 0;
  close(link);
  if (is_done) errno = EINPROGRESS;
  return -1;
}

/* Such a connection has no options of TCP. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  int (*next)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");
  int done = next(fd, level, name, value, size);
  return done < 0 && spare_links >= 0 && level == IPPROTO_TCP && errno == EOPNOTSUPP ? 0 : done;
}

__attribute__((constructor)) static void live_no_longer_than_the_parent(void) {
  const char *parent = getenv("LOCKSTORM_PARENT");
  if (!parent) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != atoi(parent)) _exit(1);
}
`
