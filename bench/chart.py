"""Draws the benchmark's chart: a bar for each case, and a mark for its target."""
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 760, 210, 60
ROW, TOP, BOTTOM = 22, 54, 34
BAR = 12

STYLE = """
    text { font: 12px sans-serif; fill: #57606a }
    .head { font-weight: bold; font-size: 13px }
    .back { fill: #ffffff }
    .bar { fill: #3b82c4 }
    .over { fill: #d97706 }
    .one { stroke: #57606a; stroke-dasharray: 3 3 }
    .grid { stroke: #d0d7de }
    .target { stroke: #1f2328; stroke-width: 2 }
"""


def draw(bars):
    """An SVG of `bars`: names, ratios, and the targets or None."""
    largest = max([value for _, value, _ in bars] + [target or 0 for _, _, target in bars])
    scale = (WIDTH - LEFT - RIGHT) / largest
    height = TOP + ROW * len(bars) + BOTTOM
    foot = TOP + ROW * len(bars)

    def x(value):
        return round(LEFT + value * scale, 1)

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             "<title>Time of the store, less that of the floor, in times of the system calls</title>",
             f"<style>{STYLE}</style>",
             f'<rect class="back" width="{WIDTH}" height="{height}"/>',
             '<text class="head" x="12" y="22">(store − floor) ÷ system calls</text>',
             '<text x="12" y="40">shorter is better; the black mark is the target, the dashed line '
             "as fast as the system calls</text>"]
    step = 1 if largest <= 12 else 5
    for tick in range(0, int(largest) + 1, step):
        kind = "one" if tick == 1 else "grid"
        lines.append(f'<line class="{kind}" x1="{x(tick)}" y1="{TOP}" x2="{x(tick)}" y2="{foot}"/>')
        lines.append(f'<text x="{x(tick)}" y="{foot + 18}" text-anchor="middle">{tick}</text>')
    if step > 1:
        lines.append(f'<line class="one" x1="{x(1)}" y1="{TOP}" x2="{x(1)}" y2="{foot}"/>')
    for row, (name, value, target) in enumerate(bars):
        y = TOP + ROW * row + (ROW - BAR) / 2
        kind = "over" if target and value > target else "bar"
        lines.append(f'<text x="{LEFT - 8}" y="{y + 10}" text-anchor="end">{escape(name)}</text>')
        lines.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{round(value * scale, 1)}" '
                     f'height="{BAR}"/>')
        after = max(value, target or 0)
        lines.append(f'<text x="{x(after) + 6}" y="{y + 10}">{value:.2f}</text>')
        if target:
            lines.append(f'<line class="target" x1="{x(target)}" y1="{y - 3}" x2="{x(target)}" '
                         f'y2="{y + BAR + 3}"/>')
    lines.append("</svg>")
    return "\n".join(lines) + "\n"
