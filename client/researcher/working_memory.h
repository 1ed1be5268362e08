#pragma once

namespace fieldfare::researcher {

/// For a program whose threads take and give back the same memory for batch after batch: up to 4 MB a thread
/// stay with it in between. Else the C library gives each block of 128 KB, and what is free at the end of a
/// thread's memory, back to the kernel and asks for it anew, page by page; two threads at once hold each
/// other up with that. For the whole process; once, before it has threads.
void keep_working_memory();

}  // namespace fieldfare::researcher
