#pragma once

#include "client/confinement/held.h"

namespace fieldfare::confinement {

/// From now on the kernel refuses every thread of this process, and what it forks, the calls that no part of
/// our programs makes and that whoever takes one over would want (seccomp(2)): starting programs, looking
/// into other processes, loading code into the kernel, mounting, namespaces, io_uring, kernel keys, typing
/// into a terminal (TIOCSTI), and sockets that are neither local nor of the internet. A refused call fails
/// with EPERM, so that a library that merely tries goes on. For good.
///
/// Not a list of what is allowed: what the drivers of screens call differs from machine to machine, and a
/// program that is killed in the middle of an interview keeps no promise.
Held forbid_system_calls();

/// The same for sockets of the internet: this process, and what it forks, never talks to a network again.
/// Those that are open stay open.
Held forbid_network();

/// The same for new local sockets: nobody on this machine can be asked for anything any more, such as the
/// session bus, whose service manager starts programs for whoever asks. Pairs (socketpair(2)) can still be
/// made.
Held forbid_local_sockets();

/// For a process that serves: it goes on with the sockets that it has, so it accepts who comes to one that
/// listens and talks to them; it makes no new one of any kind, listens nowhere else and goes to nobody.
Held forbid_all_but_accepting();

/// Whether this kernel has such filters.
bool can_filter_calls();

}  // namespace fieldfare::confinement
