#!/usr/bin/env python3
"""Records the demo in a pseudo-terminal as an animated SVG: docs/demo.svg of the README.

usage: contrib/recording.py [BINARY [OUT]]     target/release/bitget-watch and docs/demo.svg without arguments

Needs nothing but Python: the terminal is emulated as far as the program uses one. The demo has a fixed seed, so
that two recordings differ by the time of day alone.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from html import escape

COLUMNS, ROWS = 120, 40
CELL_WIDTH, CELL_HEIGHT, FONT = 8.0, 17, 13.3
BACKGROUND, FOREGROUND = "#11151c", "#c8ccd4"
PALETTE = """#1b1f27 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #c8ccd4
#6b7280 #ff7b86 #b5e08f #ffd68a #82c4ff #dda0f0 #7fd8e2 #ffffff""".split()
# What is pressed, how long the program is left alone after it, how long the picture stands, in seconds.
SCENES = [("", 7, 1.2), ("", 1, 1.2), ("", 1, 1.2), ("2", 1, 2.4), ("\r", 1, 2.4), ("\x1b", 0.3, 0),
          ("3", 1, 2.4), ("4", 1, 2.4), ("6", 1.5, 2.4), ("1", 1, 1.2)]
SEQUENCE = re.compile(r"\x1b\[([?>=]?)([0-9;:]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


class Terminal:
    """A screen of cells, each a character and its style."""

    def __init__(self):
        self.style = (None, None, False, False, False)
        self.row = self.column = 0
        self.rest = ""
        self.clear()

    def clear(self):
        self.cells = [[(" ", self.style)] * COLUMNS for _ in range(ROWS)]

    def feed(self, text):
        text, self.rest = self.rest + text, ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                found = SEQUENCE.match(text, at)
                if not found:
                    self.rest = text[at:]
                    return
                if found[3] and not found[1]:
                    self.control(found[3], [int(n) if n else 0 for n in re.split("[;:]", found[2])])
                at = found.end()
            else:
                self.put(text[at])
                at += 1

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row = min(self.row + 1, ROWS - 1)
        elif char == "\b":
            self.column = max(self.column - 1, 0)
        elif char >= " " and self.column < COLUMNS:
            width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            row = self.cells[self.row]
            row[self.column] = (char, self.style)
            if width == 2 and self.column + 1 < COLUMNS:
                row[self.column + 1] = ("", self.style)
            self.column += width

    def control(self, letter, numbers):
        first = numbers[0] or 1
        if letter in "Hf":
            self.row = min(first, ROWS) - 1
            self.column = min((numbers[1] if len(numbers) > 1 else 0) or 1, COLUMNS) - 1
        elif letter == "G":
            self.column = min(first, COLUMNS) - 1
        elif letter in "ABCD":
            down, right = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}[letter]
            self.row = min(max(self.row + down * first, 0), ROWS - 1)
            self.column = min(max(self.column + right * first, 0), COLUMNS - 1)
        elif letter == "J" and numbers[0] == 2:
            self.clear()
        elif letter == "K":
            self.cells[self.row][self.column:] = [(" ", self.style)] * (COLUMNS - self.column)
        elif letter == "m":
            self.dress(numbers)

    def dress(self, numbers):
        front, back, bold, dim, reverse = self.style
        numbers = list(numbers)
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                front, back, bold, dim, reverse = None, None, False, False, False
            elif number in (1, 2):
                bold, dim = bold or number == 1, dim or number == 2
            elif number == 22:
                bold = dim = False
            elif number in (7, 27):
                reverse = number == 7
            elif 30 <= number <= 37 or 90 <= number <= 97:
                front = PALETTE[number - 30 if number < 90 else number - 82]
            elif 40 <= number <= 47 or 100 <= number <= 107:
                back = PALETTE[number - 40 if number < 100 else number - 92]
            elif number == 39:
                front = None
            elif number == 49:
                back = None
            elif number in (38, 48):
                color = self.color(numbers)
                front, back = (color, back) if number == 38 else (front, color)
        self.style = (front, back, bold, dim, reverse)

    @staticmethod
    def color(numbers):
        if numbers.pop(0) == 2:
            red, green, blue = numbers[:3]
            del numbers[:3]
            return f"#{red:02x}{green:02x}{blue:02x}"
        index = numbers.pop(0)
        if index < 16:
            return PALETTE[index]
        if index >= 232:
            return f"#{8 + 10 * (index - 232):02x}" + f"{8 + 10 * (index - 232):02x}" * 2
        steps = [0, 95, 135, 175, 215, 255]
        index -= 16
        return "#" + "".join(f"{steps[part]:02x}" for part in (index // 36, index // 6 % 6, index % 6))

    def picture(self):
        """Returns the screen as elements of SVG: its backgrounds, and its text in runs of one style."""
        out = []
        for number, row in enumerate(self.cells):
            start = 0
            while start < COLUMNS:
                end = start
                while end < COLUMNS and row[end][1] == row[start][1]:
                    end += 1
                out += self.run(number, start, "".join(char for char, _ in row[start:end]), end - start, row[start][1])
                start = end
        return "".join(out)

    @staticmethod
    def run(row, column, text, cells, style):
        front, back, bold, dim, reverse = style
        front, back = front or FOREGROUND, back or BACKGROUND
        if reverse:
            front, back = back, front
        x, y = column * CELL_WIDTH, row * CELL_HEIGHT
        if back != BACKGROUND:
            yield f'<rect x="{x:g}" y="{y}" width="{cells * CELL_WIDTH:g}" height="{CELL_HEIGHT}" fill="{back}"/>'
        bare = text.strip()
        if bare:
            # The length is stated, so that columns stand below each other in every font.
            left = x + (len(text) - len(text.lstrip())) * CELL_WIDTH
            width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in bare) * CELL_WIDTH
            weight = ' font-weight="bold"' if bold else ""
            faint = ' opacity=".65"' if dim else ""
            yield (f'<text x="{left:g}" y="{y + 13}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs" '
                   f'fill="{front}"{weight}{faint}>{escape(bare)}</text>')


def record(binary):
    """Runs the program through the scenes and returns each picture with the time that it stands."""
    pid, master = pty.fork()
    if pid == 0:
        environment = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"}
        os.execve(binary, [binary, "--demo", "--seed", "7"], environment)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.kill(pid, signal.SIGWINCH)
    terminal, left, pictures = Terminal(), b"", []
    try:
        for keys, wait, stands in SCENES:
            os.write(master, keys.encode())
            until = time.monotonic() + wait
            # A frame that has begun is waited for: half of one is a picture that nobody drew.
            begun = False
            while begun or time.monotonic() < until:
                if not select.select([master], [], [], 0.05)[0]:
                    continue
                left += os.read(master, 65536)
                begun = left.rfind(b"\x1b[?2026h") > left.rfind(b"\x1b[?2026l")
                if not begun:
                    terminal.feed(left.decode(errors="replace"))
                    left = b""
            if stands:
                pictures.append((terminal.picture(), stands))
        os.write(master, b"q")
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    return pictures


def svg(pictures):
    """Returns an SVG that shows the pictures one after the other, for ever."""
    total = sum(stands for _, stands in pictures)
    width, height = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT
    rules, groups, began = [], [], 0.0
    for number, (picture, stands) in enumerate(pictures):
        first, last = 100 * began / total, 100 * (began + stands) / total
        steps = f"{first:.3f}%{{visibility:visible}}{last:.3f}%,to{{visibility:hidden}}"
        if number:
            steps = f"from{{visibility:hidden}}{steps}"
        rules.append(f"@keyframes k{number}{{{steps}}}.p{number}{{animation:k{number} {total:g}s step-end infinite}}")
        # What shows no animation shows the first picture.
        hidden = ' visibility="hidden"' if number else ""
        groups.append(f'<g class="p{number}"{hidden}>{picture}</g>\n')
        began += stands
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 16:g} {height + 16}" '
            f'font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="{FONT}">'
            f"<title>bitget-watch --demo</title><style>text{{white-space:pre}}{''.join(rules)}</style>"
            f'<rect x="-8" y="-8" width="{width + 16:g}" height="{height + 16}" rx="6" fill="{BACKGROUND}"/>\n'
            f"{''.join(groups)}</svg>\n")


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    binary = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "target/release/bitget-watch")
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "docs/demo.svg")
    pictures = record(os.path.abspath(binary))
    with open(out, "w", encoding="utf-8") as file:
        file.write(svg(pictures))
    print(f"{out}: {len(pictures)} pictures, {os.path.getsize(out) // 1000} kB")


if __name__ == "__main__":
    main()
