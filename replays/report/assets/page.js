"use strict";
// The drawing is whole without this script. It adds reading values, zooming in time, chains of events and the table.
(() => {
  const story = JSON.parse(document.getElementById("story").textContent);
  const $ = (selector, inside = document) => inside.querySelector(selector);
  const $$ = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const SVG = "http://www.w3.org/2000/svg";
  const STEPS_S = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000];
  const whole = [0, story.units];
  let [from, to] = whole;

  const make = (name, attributes = {}, text) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const html = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const time = (x) => new Date(story.start + x * story.unit);
  const share = (x) => ((x - from) / (to - from)) * 100;
  const pad = (number) => String(number).padStart(2, "0");
  const clock = (date) => `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
  const month = (date) => date.toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
  const grouped = (value, least, most) =>
    (value || 0).toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: most }).replace("-", "−");

  // Light and dark: the system's choice, the reader's, or #dark and #light in the address.
  const named = location.hash.slice(1);
  if (named === "dark" || named === "light") document.documentElement.dataset.theme = named;
  $("#theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "light" : "dark";
  });

  // A series as pairs of x and y, read back from its path.
  const readPath = (path) => {
    const numbers = path.getAttribute("d").match(/-?\d+/g).map(Number);
    const xs = [], ys = [];
    const step = path.classList.contains("step");
    const end = step ? numbers.length - 2 : numbers.length;
    for (let i = step ? 2 : 0; i + 1 < end; i += 2) {
      xs.push(numbers[i]);
      ys.push(numbers[i + 1]);
    }
    return { xs, ys, step, label: path.dataset.label, base: step ? Number(path.dataset.base) : null };
  };
  // Index of the last point not after x.
  const at = (xs, x) => {
    let low = 0, high = xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= x) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  const charts = $$(".chart").map((section) => ({
    section,
    canvas: $(".canvas", section),
    plot: $(".plot", section),
    grid: $(".grid", section),
    last: $$(".last text", section),
    marks: $$(".marks > *", section).map((node) => ({
      node, x: Number(node.dataset.x), y: node.dataset.y === undefined ? null : Number(node.dataset.y), end: Number(node.dataset.end || NaN),
    })),
    bands: $$(".band", section).map((node) => ({
      x: Number(node.dataset.x), end: Number(node.dataset.end), label: node.dataset.label,
    })),
    series: $$(".series", section).map(readPath),
    readout: $(".readout", section),
    cross: $(".cross", section),
    brush: $(".brush", section),
    high: Number(section.dataset.high),
    step: Number(section.dataset.step),
    rows: Number(section.dataset.rows || 1),
    decimals: Number(section.dataset.decimals || 0),
    lane: section.classList.contains("lane"),
  }));

  const roundStep = (width) => {
    const base = 10 ** Math.floor(Math.log10(width));
    return base * ([1, 2, 5].find((factor) => base * factor >= width) || 10);
  };
  // The rows that the shown time needs, with a little air.
  const rowsShown = (chart) => {
    if (from === whole[0] && to === whole[1]) return [0, chart.rows];
    let low = Infinity, high = -Infinity;
    const see = (y) => { low = Math.min(low, y); high = Math.max(high, y); };
    for (const series of chart.series) {
      const first = Math.max(0, at(series.xs, from));
      for (let i = first; i < series.xs.length && series.xs[i] <= to; i++) see(series.ys[i]);
      if (series.base !== null) see(series.base);
      const after = at(series.xs, to) + 1;
      if (!series.step && after < series.xs.length && series.xs[after - 1] < from) see(series.ys[after]);
    }
    for (const mark of chart.marks) if (mark.y !== null && mark.x >= from && mark.x <= to) see(mark.y);
    if (low > high) return [0, chart.rows];
    const air = Math.max((high - low) * 0.07, 2);
    return [low - air, high + air];
  };
  const timeTicks = (width) => {
    const span = ((to - from) * story.unit) / 1000;
    const count = Math.max(2, Math.floor(width / 110));
    const step = STEPS_S.find((seconds) => span <= seconds * count) || STEPS_S.at(-1);
    const ticks = [];
    const start = time(from).getTime() / 1000, end = time(to).getTime() / 1000;
    for (let second = Math.ceil(start / step) * step; second <= end; second += step) {
      const date = new Date(second * 1000);
      const text = step >= 86400 || second % 86400 === 0
        ? `${date.getUTCDate()} ${month(date)}`
        : step < 60 ? clock(date) : clock(date).slice(0, 5);
      ticks.push([(second * 1000 - story.start) / story.unit, text]);
    }
    return ticks;
  };

  const drawGrid = (chart, top, bottom, ticks) => {
    const grid = [];
    for (const [x] of ticks) {
      const place = `${share(x)}%`;
      grid.push(make("line", { x1: place, x2: place, y1: "0", y2: "100%" }));
    }
    const height = chart.canvas.clientHeight || chart.canvas.getBoundingClientRect().height;
    const high = chart.high - top * chart.step, low = chart.high - bottom * chart.step;
    const step = roundStep((high - low) / Math.max(2, Math.round(height / 45)));
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const taken = chart.last.map((label) => (Number(label.dataset.y) - top) / (bottom - top) * height);
    for (let n = Math.ceil(low / step); n * step <= high; n++) {
      const y = (high - n * step) / (high - low) * 100;
      grid.push(make("line", { x1: "0", x2: "100%", y1: `${y}%`, y2: `${y}%` }));
      if (taken.every((row) => Math.abs(row - y * height / 100) > 14)) {
        grid.push(make("text", { x: "100%", dx: "8", dy: "4", y: `${y}%` }, grouped(n * step, 0, Math.min(digits, 8))));
      }
    }
    chart.grid.replaceChildren(...grid);
  };
  const draw = () => {
    const width = charts.length ? charts[0].canvas.getBoundingClientRect().width : 0;
    const ticks = charts.length ? timeTicks(width) : [];
    for (const chart of charts) {
      const [top, bottom] = chart.lane ? [0, 1] : rowsShown(chart);
      chart.plot.setAttribute("viewBox", `${from} ${top} ${to - from} ${bottom - top}`);
      if (chart.grid) drawGrid(chart, top, bottom, ticks);
      for (const label of chart.last) {
        const y = (Number(label.dataset.y) - top) / (bottom - top) * 100;
        label.setAttribute("y", `${y}%`);
        label.style.display = y < 0 || y > 100 || to < whole[1] ? "none" : "";
      }
      for (const mark of chart.marks) {
        if (Number.isNaN(mark.end)) {
          mark.node.style.display = mark.x < from || mark.x > to ? "none" : "";
          mark.node.setAttribute("x", `${share(mark.x)}%`);
          if (mark.y !== null) mark.node.setAttribute("y", `${(mark.y - top) / (bottom - top) * 100}%`);
        } else {
          const start = Math.max(mark.x, from), end = Math.min(mark.end, to);
          mark.node.setAttribute("x", `${share(start)}%`);
          const room = (end - start) / (to - from) * width;
          mark.node.style.display = room < mark.node.textContent.length * 7 + 12 ? "none" : "";
        }
      }
    }
    const times = $(".times");
    if (times) {
      times.replaceChildren(...ticks
        .filter(([x]) => share(x) < 99)
        .map(([x, text]) => make("text", { x: `${share(x)}%`, y: "16", style: share(x) < 4 ? "text-anchor: start" : "" }, text)));
      $("#reset").hidden = from === whole[0] && to === whole[1];
    }
    fillTable();
  };
  const zoom = (start, end) => {
    const least = Math.max(20, 2000 / story.unit);
    if (end - start < least) {
      const middle = (start + end) / 2;
      [start, end] = [middle - least / 2, middle + least / 2];
    }
    from = Math.max(whole[0], start);
    to = Math.min(whole[1], end);
    if (to - from < 1) [from, to] = whole;
    draw();
  };

  // Reading values under the pointer, in all charts at once.
  const readBands = (chart, x) => {
    const near = (to - from) / (chart.canvas.getBoundingClientRect().width || 1) * 6;
    let found = "";
    for (const band of chart.bands) if (x >= band.x - near && x <= band.end + near) found = band.label;
    return found;
  };
  const point = (x) => {
    for (const chart of charts) {
      const place = `${share(x)}%`;
      chart.cross.setAttribute("x1", place);
      chart.cross.setAttribute("x2", place);
      chart.cross.style.visibility = "visible";
      chart.readout.textContent = chart.lane
        ? readBands(chart, x)
        : chart.series
          .map((series) => {
            const index = at(series.xs, x);
            if (index < 0) return "";
            const value = chart.high - series.ys[index] * chart.step;
            return `${series.label} ${grouped(value, Math.min(2, chart.decimals), chart.decimals)}`.trim();
          })
          .filter(Boolean)
          .join("  ·  ");
    }
    const now = $("#now"), date = time(x);
    now.textContent = `${date.getUTCDate()} ${month(date)} ${clock(date)}`;
    const axis = $(".times").getBoundingClientRect().width;
    now.style.left = `${Math.min(Math.max(axis * share(x) / 100, 60), axis)}px`;
  };
  const leave = () => {
    for (const chart of charts) {
      chart.cross.style.visibility = "hidden";
      chart.readout.textContent = "";
    }
    $("#now").textContent = "";
  };
  const place = (chart, event) => {
    const box = chart.canvas.getBoundingClientRect();
    return from + Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * (to - from);
  };
  let grip = null;
  const showBrush = (a, b) => {
    for (const chart of charts) {
      chart.brush.setAttribute("x", `${share(Math.min(a, b))}%`);
      chart.brush.setAttribute("width", `${Math.abs(b - a) / (to - from) * 100}%`);
    }
  };
  for (const chart of charts) {
    const canvas = chart.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("use[data-order], use[data-block]")) return;
      grip = { chart, x: place(chart, event), left: event.clientX };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const x = place(chart, event);
      point(x);
      if (grip) showBrush(grip.x, x);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!grip) return;
      const start = grip.x, end = place(chart, event), moved = Math.abs(event.clientX - grip.left);
      grip = null;
      showBrush(0, 0);
      if (moved > 6) zoom(Math.min(start, end), Math.max(start, end));
    });
    canvas.addEventListener("pointercancel", () => { grip = null; showBrush(0, 0); });
    canvas.addEventListener("pointerleave", () => { if (!grip) leave(); });
    canvas.addEventListener("dblclick", () => zoom(...whole));
    canvas.addEventListener("keydown", (event) => {
      const span = to - from, middle = (from + to) / 2;
      const shift = event.key === "ArrowLeft" ? -span / 5 : event.key === "ArrowRight" ? span / 5 : 0;
      if (shift) {
        const moved = Math.min(Math.max(shift, whole[0] - from), whole[1] - to);
        zoom(from + moved, to + moved);
      } else if (event.key === "+" || event.key === "=") zoom(middle - span / 4, middle + span / 4);
      else if (event.key === "-") zoom(middle - span, middle + span);
      else if (event.key === "Escape" || event.key === "0") zoom(...whole);
      else return;
      event.preventDefault();
    });
    canvas.addEventListener("click", (event) => {
      const mark = event.target.closest("use[data-order], use[data-block]");
      if (!mark) return;
      const { order, block } = mark.dataset;
      showChain(order !== undefined ? story.orders[order] : story.blocks[block]);
      for (const node of $$(".marks .chosen")) node.classList.remove("chosen");
      const twins = order !== undefined ? $$(`use[data-order="${order}"]`) : [mark];
      for (const node of twins) node.classList.add("chosen");
    });
  }
  $("#reset")?.addEventListener("click", () => zoom(...whole));

  // The chain of one order: what it followed from, and what became of it.
  const chain = $("#chain");
  const after = (ms) => ms === 0 ? "" : `${ms > 0 ? "+" : "−"}${grouped(Math.abs(ms) / 1000, 0, 3)} s`;
  const closeChain = () => {
    chain.hidden = true;
    for (const node of $$(".marks .chosen")) node.classList.remove("chosen");
  };
  const showChain = (row) => {
    const close = html("button", { type: "button", "aria-label": "Close" }, "×");
    close.addEventListener("click", closeChain);
    const links = row.s.map(([version, event, text, ms]) => html("li", {},
      html("b", {}, story.events[event]), " ", html("span", {}, `version ${version}`, ms ? `, ${after(ms)}` : ""), html("p", {}, text)));
    chain.replaceChildren(
      html("header", {}, html("h3", {}, row.t), close), html("p", { class: "note" }, `${row.c[0]} UTC`), html("ol", {}, ...links),
    );
    chain.hidden = false;
  };
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeChain(); });

  // The table: rows of the shown time.
  const RIGHT = new Set(["Version", "Size", "Limit", "Filled", "Average", "Fee", "Realised", "Price", "Measured"]);
  const WIDE = new Set(["Reason", "Detail"]);
  const PAGE = 200;
  let shown = "orders", room = PAGE;
  const tabs = $$(".tabs button"), table = $(".scroll table"), filter = $("#filter"), more = $("#more");
  const fillTable = () => {
    if (!table) return;
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.table === shown));
    const word = filter.value.trim().toLowerCase();
    const columns = story.columns[shown];
    const rows = story[shown].filter((row) => (row.e ?? row.x) >= from - 1 && row.x <= to + 1
      && (!word || row.c.some((cell) => cell.toLowerCase().includes(word))));
    const kind = (name) => RIGHT.has(name) ? "right" : WIDE.has(name) ? "wide" : "";
    const head = html("tr", {}, ...columns.map((name) => html("th", { scope: "col", class: kind(name) }, name)));
    const body = rows.slice(0, room).map((row) => {
      const cells = row.c.map((cell, index) =>
        html("td", { class: columns[index] === "Side" ? cell : kind(columns[index]) }, cell));
      const line = html("tr", { class: row.b }, ...cells);
      if (row.s) {
        line.dataset.open = "";
        line.tabIndex = 0;
        line.addEventListener("click", () => showChain(row));
        line.addEventListener("keydown", (event) => { if (event.key === "Enter") showChain(row); });
      }
      return line;
    });
    table.replaceChildren(html("thead", {}, head), html("tbody", {}, ...body));
    more.replaceChildren(rows.length === 0 ? "No rows in the time range shown." : `${Math.min(room, rows.length)} of ${rows.length} rows in the time range shown.`);
    if (rows.length > room) {
      const button = html("button", { type: "button" }, "Show more");
      button.addEventListener("click", () => { room += PAGE; fillTable(); });
      more.append(" ", button);
    }
  };
  for (const tab of tabs) tab.addEventListener("click", () => { shown = tab.dataset.table; room = PAGE; fillTable(); });
  filter?.addEventListener("input", () => { room = PAGE; fillTable(); });

  let waiting = 0;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); });
  draw();
})();
