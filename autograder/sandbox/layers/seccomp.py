"""seccomp: refuse system calls that no exercise needs.

They return an error instead of killing the process, so a library that can do without one
continues. New processes are never allowed, which makes limits on memory and time exact, and leaves
nothing behind. Threads are allowed.
"""

import errno
import os

FORBIDDEN: dict[str, str] = {
    "other programs and processes": "fork vfork execve execveat",
    "other processes' memory and descriptors": "ptrace process_vm_readv process_vm_writev "
    "process_madvise kcmp pidfd_open pidfd_getfd pidfd_send_signal process_mrelease "
    "move_pages migrate_pages",
    "signals to others": "tkill rt_sigqueueinfo rt_tgsigqueueinfo",
    "others' share of the machine": "setpriority ioprio_set",
    "network": "socket connect bind listen accept accept4",
    "memory that limits do not count, or that stays": "memfd_create memfd_secret shmget shmat "
    "shmctl semget semctl semop semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink",
    "files by other ways than opening them": "open_by_handle_at name_to_handle_at truncate chmod "
    "fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr fsetxattr "
    "removexattr lremovexattr fremovexattr utime utimes utimensat futimesat inotify_init "
    "inotify_init1 inotify_add_watch fanotify_init fanotify_mark",
    "the machine": "mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig "
    "fsmount fspick pivot_root chroot unshare setns bpf perf_event_open userfaultfd keyctl add_key "
    "request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon "
    "swapoff syslog acct quotactl quotactl_fd sethostname setdomainname settimeofday "
    "clock_settime clock_adjtime adjtimex iopl ioperm personality lookup_dcookie nfsservctl "
    "vhangup setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid",
}
"""System calls by purpose; all of them fail with EPERM."""

UNKNOWN = "clone3 openat2 io_uring_setup io_uring_enter io_uring_register"
"""These fail as on an older kernel, so that libraries fall back to calls that can be inspected."""

_CLONE_THREAD = 0x1_0000
_AF_UNIX, _SOCK_TYPE, _SOCK_DGRAM, _SOCK_RAW, _SOCK_SEQPACKET = 1, 0xF, 2, 3, 5
_PR_SET_PDEATHSIG = 1
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
_FIOSETOWN, _SIOCSPGRP, _INT = 0x8901, 0x8902, 0xFFFF_FFFF


def available() -> str:
    """The version of libseccomp.

    Raises:
        OSError: it can't be used; says why.
    """
    try:
        import pyseccomp
    except ImportError as error:
        raise OSError("the package pyseccomp is not installed") from error
    except RuntimeError as error:
        raise OSError("the library libseccomp.so.2 is not installed") from error
    pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    return pyseccomp.__version__


def confine() -> None:
    """Confine this process permanently. It can still signal itself and start threads."""
    import pyseccomp as sc

    own = os.getpid()
    refused, unknown = sc.ERRNO(errno.EPERM), sc.ERRNO(errno.ENOSYS)
    rules = sc.SyscallFilter(sc.ALLOW)

    def refuse(names: str, *conditions: sc.Arg, how: int = refused) -> None:
        for name in names.split():
            try:
                rules.add_rule(how, name, *conditions)
            except OSError as error:
                # Old libraries and some processors don't have every call.
                if error.errno not in (errno.EINVAL, errno.EFAULT, errno.EDOM):
                    raise

    for names in FORBIDDEN.values():
        refuse(names)
    refuse(UNKNOWN, how=unknown)
    refuse("clone", sc.Arg(0, sc.MASKED_EQ, _CLONE_THREAD, 0))
    refuse("kill tgkill", sc.Arg(0, sc.NE, own))
    others = sc.Arg(0, sc.NE, 0)
    refuse("prlimit64 sched_setaffinity sched_setscheduler sched_setparam sched_setattr", others)
    refuse("prctl", sc.Arg(0, sc.MASKED_EQ, _INT, _PR_SET_PDEATHSIG))
    refuse("socketpair", sc.Arg(0, sc.NE, _AF_UNIX))
    for kind in (_SOCK_DGRAM, _SOCK_RAW, _SOCK_SEQPACKET):  # those can send to any address
        refuse("socketpair", sc.Arg(1, sc.MASKED_EQ, _SOCK_TYPE, kind))
    for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX):  # with these, the kernel sends signals
        refuse("fcntl", sc.Arg(1, sc.MASKED_EQ, _INT, command))
    for command in (_FIOSETOWN, _SIOCSPGRP):
        refuse("ioctl", sc.Arg(1, sc.MASKED_EQ, _INT, command))
    # Opening a file for reading can truncate it, and Landlock checks that only from version 3 on.
    cut = os.O_TRUNC | os.O_ACCMODE
    refuse("open", sc.Arg(1, sc.MASKED_EQ, cut, os.O_TRUNC))
    refuse("openat", sc.Arg(2, sc.MASKED_EQ, cut, os.O_TRUNC))
    rules.load()
