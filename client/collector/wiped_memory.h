#pragma once

namespace fieldfare::collector {

/// A program with this call in its first lines leaves little behind in its memory: what C++ lets go (strings,
/// answers, actions, whatever held them) is overwritten before anybody gets it again, and the C library is
/// asked for the same for what other libraries let go. Before there is a second thread.
void wipe_freed_memory();

/// Overwrites the part of this thread's stack that calls which are over have used, half a megabyte deep.
void wipe_left_stack();

}  // namespace fieldfare::collector
