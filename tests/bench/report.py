"""Results as a table for people, as Markdown, and as a picture."""
import html
import statistics

from measure import paired

WIDTH, LABEL, BAR, GAP = 860, 250, 13, 12


def lines(title, results, references):
    """One dict a case: minimum and median of wall time, CPU, and both ratios with their quartiles."""
    table = []
    for name, samples in results.items():
        reference = references.get(name)
        wall, cpu = [s[0] for s in samples], [s[1] for s in samples]
        row = {"group": title, "case": name, "min": min(wall), "median": statistics.median(wall),
               "cpu": statistics.median(cpu), "reference": reference}
        if reference in results:
            row["wall"] = paired(samples, results[reference], 0)
            row["cpu_ratio"] = paired(samples, results[reference], 1)
        table.append(row)
    return table


def ratio(value):
    return "%.2f [%.2f-%.2f]" % value if value else "-"


def beside(rows):
    """What stands beside a running container: processes, and memory of PID 1."""
    return [row for row in rows if "kb" in row]


def text(rows):
    out, group = [], None
    for row in rows:
        if "kb" in row:
            out.append("# %s: %-20s %.2f processes, %.1f kB in PID 1" % (row["group"], row["case"], row["processes"], row["kb"]))
            continue
        if row["group"] != group:
            group = row["group"]
            out.append("# %-34s %8s %8s %8s  %-18s %-18s" % (group, "min ms", "median", "CPU ms", "wall ratio", "CPU ratio"))
        out.append("# %-34s %8.2f %8.2f %8.2f  %-18s %-18s %s" % (
            row["case"], row["min"], row["median"], row["cpu"], ratio(row.get("wall")), ratio(row.get("cpu_ratio")),
            "to " + row["reference"] if row.get("wall") and row["reference"] != row["case"] else ""))
    return "\n".join(out)


def markdown(rows, heading):
    out, group = [heading, ""], None
    for row in rows:
        if "kb" in row:
            continue
        if row["group"] != group:
            group = row["group"]
            out += ["", "## " + group, "", "| case | wall min ms | wall median ms | CPU ms | wall ratio | CPU ratio | to |",
                    "|---|---|---|---|---|---|---|"]
        out.append("| %s | %.2f | %.2f | %.2f | %s | %s | %s |" % (
            row["case"], row["min"], row["median"], row["cpu"], ratio(row.get("wall")), ratio(row.get("cpu_ratio")),
            row["reference"] or ""))
    if beside(rows):
        out += ["", "## " + beside(rows)[0]["group"], "", "| runtime | processes | kB in PID 1 |", "|---|---|---|"]
        out += ["| %s | %.2f | %.1f |" % (row["case"], row["processes"], row["kb"]) for row in beside(rows)]
    return "\n".join(out) + "\n"


def bar(x, y, value, scale, colour):
    middle, low, high = value
    right = x + min(middle, 3) * scale
    return ('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
            '<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#222"/>'
            '<text x="%.1f" y="%d">%.2f</text>') % (
                x, y, right - x, BAR, colour, x + min(low, 3) * scale, x + min(high, 3) * scale, y + BAR / 2, y + BAR / 2,
                max(right, x + min(high, 3) * scale) + 5, y + BAR - 2, middle)


def svg(rows, caption):
    """Bars of both ratios, a whisker from quartile to quartile, a line at the reference."""
    shown = [row for row in rows if row.get("wall") and row["reference"] != row["case"]]
    scale = (WIDTH - LABEL - 70) / 3
    body, y = [], 40
    for row in shown:
        body.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (LABEL - 8, y + BAR + 4, html.escape(row["case"])))
        body.append(bar(LABEL, y, row["wall"], scale, "#4477aa"))
        body.append(bar(LABEL, y + BAR, row["cpu_ratio"], scale, "#ddaa33"))
        y += 2 * BAR + GAP
    one = LABEL + scale
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
            '<rect width="100%%" height="100%%" fill="white"/><text x="10" y="18">%s</text>'
            '<line x1="%.1f" x2="%.1f" y1="30" y2="%d" stroke="#aa3333" stroke-dasharray="4 3"/>%s</svg>\n') % (
                WIDTH, y + 10, html.escape(caption), one, one, y, "".join(body))
