#include "client/confinement/system_calls.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

namespace fieldfare::confinement {
namespace {

constexpr std::array never_called {
    // other programs
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
        SCMP_SYS(process_madvise), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp),
#if !defined(__SANITIZE_ADDRESS__)  // its search for leaks looks at the process from outside
        SCMP_SYS(ptrace),
#endif
        // ways into the kernel
        SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
        SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(add_key), SCMP_SYS(request_key),
        SCMP_SYS(keyctl), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
        SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(modify_ldt), SCMP_SYS(ioperm),
        SCMP_SYS(iopl), SCMP_SYS(syslog), SCMP_SYS(vmsplice),
        // the machine
        SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen),
        SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr),
        SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(swapon),
        SCMP_SYS(swapoff), SCMP_SYS(reboot), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
        SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(acct), SCMP_SYS(quotactl),
        SCMP_SYS(vhangup), SCMP_SYS(open_by_handle_at), SCMP_SYS(fanotify_init)
};

constexpr std::array new_namespaces{CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

struct Released {
    void operator()(void* context) const { seccomp_release(context); }
};

class Filter {
  public:
    Filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {
        whole_ = context_ != nullptr && seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1) == 0;
    }
    template <typename... Condition>
    void refuse(int call, int error, Condition... conditions) {
        if (!whole_) return;
        const int done = seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call,
                                          sizeof...(conditions), conditions...);
        whole_ = done == 0 || done == -EDOM;  // EDOM: this kind of machine has no such call
    }
    Held enforce() const { return whole_ && seccomp_load(context_.get()) == 0 ? Held::yes : Held::no; }

  private:
    std::unique_ptr<void, Released> context_;
    bool whole_ = false;
};

// The kernel looks at the lower half of an argument that is an int: so must a filter.
constexpr scmp_datum_t lower_half = 0xffffffff;

scmp_arg_cmp family_is(int family) {
    return SCMP_A0(SCMP_CMP_MASKED_EQ, lower_half, static_cast<scmp_datum_t>(family));
}

}  // namespace

Held forbid_system_calls() {
    Filter filter;
    for (const int call : never_called) filter.refuse(call, EPERM);
    for (const int flag : new_namespaces) {
        const auto bits = static_cast<scmp_datum_t>(static_cast<unsigned>(flag));
        filter.refuse(SCMP_SYS(clone), EPERM, SCMP_A0(SCMP_CMP_MASKED_EQ, bits, bits));
    }
    // Its flags stand in memory, where no filter sees them; the C library then calls clone.
    filter.refuse(SCMP_SYS(clone3), ENOSYS);
    for (const unsigned long request :
         {static_cast<unsigned long>(TIOCSTI), static_cast<unsigned long>(TIOCLINUX)})
        filter.refuse(SCMP_SYS(ioctl), EPERM, SCMP_A1(SCMP_CMP_MASKED_EQ, lower_half, request));
    for (int family = AF_UNIX + 1; family < AF_NETLINK; ++family) {
        if (family != AF_INET && family != AF_INET6)
            filter.refuse(SCMP_SYS(socket), EPERM, family_is(family));
    }
    filter.refuse(SCMP_SYS(socket), EPERM, SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0));
    return filter.enforce();
}

bool can_filter_calls() {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

Held forbid_network() {
    Filter filter;
    filter.refuse(SCMP_SYS(socket), EPERM, family_is(AF_INET));
    filter.refuse(SCMP_SYS(socket), EPERM, family_is(AF_INET6));
    return filter.enforce();
}

Held forbid_local_sockets() {
    Filter filter;
    filter.refuse(SCMP_SYS(socket), EPERM, family_is(AF_UNIX));
    return filter.enforce();
}

Held forbid_all_but_accepting() {
    Filter filter;
    for (const int call :
         {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen)})
        filter.refuse(call, EPERM);
    // With this flag a call that sends connects first (tcp(7), TCP Fast Open).
    constexpr auto fast_open = static_cast<scmp_datum_t>(MSG_FASTOPEN);
    filter.refuse(SCMP_SYS(sendto), EPERM, SCMP_A3(SCMP_CMP_MASKED_EQ, fast_open, fast_open));
    filter.refuse(SCMP_SYS(sendmsg), EPERM, SCMP_A2(SCMP_CMP_MASKED_EQ, fast_open, fast_open));
    filter.refuse(SCMP_SYS(sendmmsg), EPERM, SCMP_A3(SCMP_CMP_MASKED_EQ, fast_open, fast_open));
    return filter.enforce();
}

}  // namespace fieldfare::confinement
