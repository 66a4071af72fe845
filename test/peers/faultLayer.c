/*
 * A disk under the test's hand, for LD_PRELOAD: what a program does to the files below one folder is carried out, written into an
 * ordered log, and refused when the test says so. faultLayer.ts compiles it, reads the log and writes the control page.
 *
 *   FAULT_DIR      the folder (absolute, no trailing slash); everything else passes untouched
 *   FAULT_LOG      the log, appended to; absent: nothing is logged
 *   FAULT_MARKS    a file outside the folder; what is written to it stands in the log as a mark, in order with all else
 *   FAULT_CONTROL  a file of 64 bytes, mapped: eight numbers as `enum` below names them
 *
 * System calls are made directly, so that no function of the C library is needed that might be interposed itself. A call and its
 * line in the log happen under one mutex: the log is the order in which the kernel saw them. Writes through mmap are not seen;
 * SQLite maps only its -shm file, which does not survive a power cut by design and is left out of the log.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  SPACE_FROM, /* ENOSPC from this space-taking call on (the first is 1); 0 = never */
  SPACE_CALLS,
  SYNC_FROM, /* EIO at this sync and at all later ones; 0 = never */
  SYNC_CALLS,
  PARTIAL, /* 1: the first write that is refused puts half of its bytes down, as a disk that fills up does */
  REFUSED,
  SKIP_SYNC, /* 1: a sync is logged but not carried out, which is faster; the log alone says what is durable */
  LOSE_SYNC, /* 1: a sync is answered, and nothing is durable by it: a disk that lies, or a program that does not ask */
  COUNTERS
};

enum { CREATE = 1, WRITE, TRUNCATE, UNLINK, RENAME, MKDIR, SYNC, SYNC_FOLDER, MARK, RMDIR, LINK };

struct line {
  uint32_t kind;
  uint32_t path_bytes;
  uint64_t inode;
  uint64_t offset; /* or the new size */
  uint64_t data_bytes;
} __attribute__((packed));

#define FDS 4096
enum { NOT_OURS, FILE_OF_OURS, FOLDER_OF_OURS, MARKS, NOT_LOGGED };
static struct {
  int kind;
  uint64_t inode;
} fds[FDS];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *folder, *marks;
static size_t folder_bytes;
static int log_fd = -1;
static uint64_t *control;

static void begin(void) {
  folder = getenv("FAULT_DIR");
  marks = getenv("FAULT_MARKS");
  folder_bytes = folder ? strlen(folder) : 0;
  const char *log = getenv("FAULT_LOG"), *page = getenv("FAULT_CONTROL");
  if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  int fd = page ? syscall(SYS_openat, AT_FDCWD, page, O_RDWR | O_CLOEXEC, 0) : -1;
  if (fd < 0) return;
  void *mapped = mmap(NULL, COUNTERS * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) control = mapped;
  syscall(SYS_close, fd);
}

static void lock(void) {
  pthread_once(&once, begin);
  pthread_mutex_lock(&mutex);
}

static long unlock(long answer, int error) {
  pthread_mutex_unlock(&mutex);
  if (answer < 0) errno = error;
  return answer;
}

/* What a link of /proc/self says: `fd` as AT_FDCWD asks for the working directory. -1 when it does not fit. */
static long path_of(int fd, char *room) {
  char link[64] = "/proc/self/cwd", digits[16];
  if (fd != AT_FDCWD) {
    int n = 0, rest = fd;
    do digits[n++] = '0' + rest % 10; while ((rest /= 10) > 0);
    strcpy(link, "/proc/self/fd/");
    char *end = link + strlen(link);
    while (n > 0) *end++ = digits[--n];
    *end = 0;
  }
  long bytes = syscall(SYS_readlinkat, AT_FDCWD, link, room, PATH_MAX - 1);
  if (bytes >= 0) room[bytes] = 0;
  return bytes;
}

/* The path below the folder, or NULL. Relative paths count from the working directory or from the folder `at`. */
static const char *below(int at, const char *path, char *room) {
  if (folder == NULL || path == NULL) return NULL;
  if (path[0] != '/') {
    long bytes = path_of(at, room);
    if (bytes < 0 || bytes + 1 + strlen(path) >= PATH_MAX) return NULL;
    room[bytes] = '/';
    strcpy(room + bytes + 1, path);
    path = room;
  }
  if (strncmp(path, folder, folder_bytes) != 0) return NULL;
  if (path[folder_bytes] == 0) return "";
  return path[folder_bytes] == '/' ? path + folder_bytes + 1 : NULL;
}

static const char *folder_name(int fd, char *room) { return path_of(fd, room) < 0 ? NULL : below(AT_FDCWD, room, room); }

static int is_shared_memory(const char *path) {
  size_t bytes = strlen(path);
  return bytes > 4 && strcmp(path + bytes - 4, "-shm") == 0;
}

static void say(uint32_t kind, const char *path, uint64_t inode, uint64_t offset, const void *data, uint64_t bytes) {
  if (log_fd < 0) return;
  struct line line = {kind, path ? strlen(path) : 0, inode, offset, bytes};
  struct iovec parts[3] = {{&line, sizeof line}, {(void *)path, line.path_bytes}, {(void *)data, bytes}};
  /* One append: whole lines, also with several processes. A log that cannot be written would prove nothing. */
  if (syscall(SYS_writev, log_fd, parts, 3) != (long)(sizeof line + line.path_bytes + bytes)) abort();
}

/* Is the disk full for this call? */
static int is_full(void) {
  if (!control) return 0;
  uint64_t call = ++control[SPACE_CALLS], from = control[SPACE_FROM];
  if (from == 0 || call < from) return 0;
  control[REFUSED] += 1;
  return 1;
}

static int kind_of(int fd) { return fd >= 0 && fd < FDS ? fds[fd].kind : NOT_OURS; }

static int open_at(int at, const char *path, int flags, mode_t mode) {
  lock();
  char room[PATH_MAX];
  const char *name = below(at, path, room);
  struct stat before;
  int is_new = name && (flags & O_CREAT) && fstatat(at, path, &before, AT_SYMLINK_NOFOLLOW) != 0;
  if (is_new && is_full()) return unlock(-1, ENOSPC);
  int fd = syscall(SYS_openat, at, path, flags, mode);
  if (fd < 0) return unlock(fd, errno);
  if (fd < FDS) fds[fd].kind = NOT_OURS;
  if (fd < FDS && marks && path && strcmp(path, marks) == 0) fds[fd].kind = MARKS;
  if (fd < FDS && name) {
    struct stat now;
    fstat(fd, &now);
    int is_folder = S_ISDIR(now.st_mode);
    fds[fd].kind = is_folder ? FOLDER_OF_OURS : is_shared_memory(name) ? NOT_LOGGED : FILE_OF_OURS;
    fds[fd].inode = now.st_ino;
    if (fds[fd].kind == FILE_OF_OURS) {
      if (is_new) say(CREATE, name, now.st_ino, 0, NULL, 0);
      else if (flags & O_TRUNC) say(TRUNCATE, NULL, now.st_ino, 0, NULL, 0);
    }
  }
  return unlock(fd, 0);
}

#define WITH_MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { WITH_MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { WITH_MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { WITH_MODE(flags) return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { WITH_MODE(flags) return open_at(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
  lock();
  if (fd >= 0 && fd < FDS) fds[fd].kind = NOT_OURS;
  long answer = syscall(SYS_close, fd);
  return unlock(answer, errno);
}

/* `offset` < 0: at the file's own position. */
static ssize_t put(int fd, const void *data, size_t bytes, off_t offset) {
  lock();
  int kind = kind_of(fd);
  int ours = kind == FILE_OF_OURS || kind == NOT_LOGGED;
  if (!ours && kind != MARKS) {
    /* A pipe may block for as long as its reader likes: not under the mutex. */
    pthread_mutex_unlock(&mutex);
    return offset < 0 ? syscall(SYS_write, fd, data, bytes) : syscall(SYS_pwrite64, fd, data, bytes, offset);
  }
  if (ours && is_full()) {
    if (!control[PARTIAL] || control[REFUSED] != 1 || bytes < 2) return unlock(-1, ENOSPC);
    bytes /= 2;
  }
  int flags = offset < 0 ? syscall(SYS_fcntl, fd, F_GETFL) : 0;
  off_t at = offset >= 0 ? offset : syscall(SYS_lseek, fd, 0, (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
  long answer = offset < 0 ? syscall(SYS_write, fd, data, bytes) : syscall(SYS_pwrite64, fd, data, bytes, offset);
  int error = errno;
  if (answer > 0) {
    if (kind == MARKS) say(MARK, NULL, 0, 0, data, answer);
    if (kind == FILE_OF_OURS) say(WRITE, NULL, fds[fd].inode, at, data, answer);
  }
  return unlock(answer, error);
}

static ssize_t put_parts(int fd, const struct iovec *parts, int count, off_t offset) {
  size_t bytes = 0;
  for (int part = 0; part < count; part += 1) bytes += parts[part].iov_len;
  char *whole = malloc(bytes ? bytes : 1), *end = whole;
  for (int part = 0; part < count; part += 1) {
    memcpy(end, parts[part].iov_base, parts[part].iov_len);
    end += parts[part].iov_len;
  }
  ssize_t answer = put(fd, whole, bytes, offset);
  int error = errno;
  free(whole);
  errno = error;
  return answer;
}

ssize_t write(int fd, const void *data, size_t bytes) { return put(fd, data, bytes, -1); }
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) { return put(fd, data, bytes, at); }
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) { return put(fd, data, bytes, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  int kind = kind_of(fd);
  return kind == NOT_OURS || kind == FOLDER_OF_OURS ? syscall(SYS_writev, fd, parts, count) : put_parts(fd, parts, count, -1);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return put_parts(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return put_parts(fd, parts, count, at); }

static int resize(int fd, off_t size) {
  lock();
  int kind = kind_of(fd);
  struct stat before;
  if (kind == FILE_OF_OURS || kind == NOT_LOGGED) {
    fstat(fd, &before);
    if (size > before.st_size && is_full()) return unlock(-1, ENOSPC);
  }
  long answer = syscall(SYS_ftruncate, fd, size);
  int error = errno;
  if (answer == 0 && kind == FILE_OF_OURS) say(TRUNCATE, NULL, fds[fd].inode, size, NULL, 0);
  return unlock(answer, error);
}
int ftruncate(int fd, off_t size) { return resize(fd, size); }
int ftruncate64(int fd, off64_t size) { return resize(fd, size); }

static int reserve(int fd, int how, off_t from, off_t bytes) {
  lock();
  int kind = kind_of(fd);
  if ((kind == FILE_OF_OURS || kind == NOT_LOGGED) && is_full()) return unlock(-1, ENOSPC);
  long answer = syscall(SYS_fallocate, fd, how, from, bytes);
  int error = errno;
  struct stat now;
  if (answer == 0 && kind == FILE_OF_OURS && fstat(fd, &now) == 0) say(TRUNCATE, NULL, fds[fd].inode, now.st_size, NULL, 0);
  return unlock(answer, error);
}
int fallocate(int fd, int how, off_t from, off_t bytes) { return reserve(fd, how, from, bytes); }
int fallocate64(int fd, int how, off64_t from, off64_t bytes) { return reserve(fd, how, from, bytes); }
int posix_fallocate(int fd, off_t from, off_t bytes) { return reserve(fd, 0, from, bytes) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t from, off64_t bytes) { return reserve(fd, 0, from, bytes) == 0 ? 0 : errno; }

static int synced(int fd, long call) {
  lock();
  int kind = kind_of(fd);
  if (kind == NOT_OURS || kind == MARKS) {
    pthread_mutex_unlock(&mutex);
    return syscall(call, fd);
  }
  if (control) {
    uint64_t number = ++control[SYNC_CALLS], from = control[SYNC_FROM];
    if (from != 0 && number >= from) return unlock(-1, EIO);
  }
  if (control && control[LOSE_SYNC]) return unlock(0, 0);
  long answer = control && control[SKIP_SYNC] ? 0 : syscall(call, fd);
  int error = errno;
  if (answer == 0 && kind == FILE_OF_OURS) say(SYNC, NULL, fds[fd].inode, 0, NULL, 0);
  char room[PATH_MAX];
  if (answer == 0 && kind == FOLDER_OF_OURS) say(SYNC_FOLDER, folder_name(fd, room), 0, 0, NULL, 0);
  return unlock(answer, error);
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int unlinkat(int at, const char *path, int flags) {
  lock();
  char room[PATH_MAX];
  const char *name = below(at, path, room);
  long answer = syscall(SYS_unlinkat, at, path, flags);
  int error = errno;
  if (answer == 0 && name && !is_shared_memory(name)) say(flags & AT_REMOVEDIR ? RMDIR : UNLINK, name, 0, 0, NULL, 0);
  return unlock(answer, error);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int renameat(int from_at, const char *from, int to_at, const char *to) {
  lock();
  char from_room[PATH_MAX], to_room[PATH_MAX];
  const char *from_name = below(from_at, from, from_room), *to_name = below(to_at, to, to_room);
  /* In or out of the folder would need the file's whole content in the log; nothing does it. */
  if ((from_name == NULL) != (to_name == NULL)) return unlock(-1, EXDEV);
  long answer = syscall(SYS_renameat2, from_at, from, to_at, to, 0);
  int error = errno;
  if (answer == 0 && from_name) say(RENAME, from_name, 0, 0, to_name, strlen(to_name));
  return unlock(answer, error);
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  lock();
  char from_room[PATH_MAX], to_room[PATH_MAX];
  const char *from_name = below(from_at, from, from_room), *to_name = below(to_at, to, to_room);
  if ((from_name == NULL) != (to_name == NULL)) return unlock(-1, EXDEV);
  long answer = syscall(SYS_linkat, from_at, from, to_at, to, flags);
  int error = errno;
  if (answer == 0 && from_name) say(LINK, from_name, 0, 0, to_name, strlen(to_name));
  return unlock(answer, error);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int mkdirat(int at, const char *path, mode_t mode) {
  lock();
  char room[PATH_MAX];
  const char *name = below(at, path, room);
  struct stat before;
  if (name && fstatat(at, path, &before, 0) != 0 && is_full()) return unlock(-1, ENOSPC);
  long answer = syscall(SYS_mkdirat, at, path, mode);
  int error = errno;
  if (answer == 0 && name) say(MKDIR, name, 0, 0, NULL, 0);
  return unlock(answer, error);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
