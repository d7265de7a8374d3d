"""Starts the release binary once in a pseudo-terminal, waits for its first screen, and quits."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

DEADLINE = 20.0
WANTED = [b"DEMO", b"BTCUSDT_UMCBL", b"LONG"]


def main() -> int:
    binary = os.path.abspath(sys.argv[1])
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["LC_ALL"] = "C.UTF-8"
        os.execv(binary, [binary, "--demo", "--seed", "7"])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    began, seen, asked = time.monotonic(), b"", False
    while time.monotonic() - began < DEADLINE:
        ready, _, _ = select.select([master], [], [], 0.1)
        if ready:
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
        if not asked and all(word in seen for word in WANTED):
            print(f"first complete screen after {time.monotonic() - began:.2f} s")
            os.write(master, b"q")
            asked = True
    # The terminal is given back before the process ends: it may still be at its last steps.
    done, status = os.waitpid(pid, os.WNOHANG)
    while done == 0 and time.monotonic() - began < DEADLINE:
        select.select([], [], [], 0.02)
        done, status = os.waitpid(pid, os.WNOHANG)
    if done == 0:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        print("the program did not end by itself" if asked else f"no screen: {seen[-400:]!r}")
        return 1
    code = os.waitstatus_to_exitcode(status)
    left = b"\x1b[?1049l" in seen
    print(f"exit code {code}, alternate screen left: {left}")
    return 0 if asked and code == 0 and left else 1


if __name__ == "__main__":
    sys.exit(main())
