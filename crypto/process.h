#pragma once

namespace fieldfare::crypto {

/// For the first lines of a program that holds keys or answers: what this process makes is its owner's alone
/// (umask 077), a crash leaves no image of its memory on the disk, and no other program of the same person
/// may look into it (ptrace, /proc). A limit on core files alone does not do: where the system pipes them to
/// a program (core(5)), it is that program that decides whether to heed the limit.
void shut_in();

}  // namespace fieldfare::crypto
