// NAV as a stepped line over calls and distributions as bars. The figures are read from the table beside it.
import uPlot from "./uplot.js";

function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function read(table) {
  const rows = [...table.tBodies[0].rows].reverse();
  const value = (row, name) => Number(row.querySelector(`[data-series="${name}"] data`)?.value ?? NaN);
  return {
    times: rows.map((row) => Date.parse(row.querySelector("time").dateTime) / 1000),
    nav: rows.map((row) => value(row, "nav")),
    called: rows.map((row) => -value(row, "called")),
    distributed: rows.map((row) => value(row, "distributed")),
  };
}

export function draw(element) {
  const table = document.getElementById(element.dataset.chart);
  if (!table) return;
  const scale = Number(element.dataset.scale);
  const chinese = document.documentElement.lang.startsWith("zh");
  const build = () => {
    const { times, nav, called, distributed } = read(table);
    const scaled = (list) => list.map((number) => (Number.isNaN(number) ? null : number / scale));
    const day = 86400;
    const end = times.at(-1) + 80 * day; // the last NAV holds until the next report
    const axis = [...times, end];
    const held = [...nav, nav.at(-1)];
    const ink = colour("--muted");
    const grid = { stroke: colour("--line"), width: 1 };
    const bars = uPlot.paths.bars({ size: [0.5, 26] });
    const format = new Intl.NumberFormat(chinese ? "zh-CN" : "en-GB", { maximumFractionDigits: 2 });
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const options = {
      width: element.clientWidth,
      height: innerWidth < 760 ? 240 : 300,
      legend: { show: false },
      cursor: { points: { size: 8 }, drag: { x: false, y: false } },
      scales: { x: { time: true, range: () => [times[0] - 45 * day, end] } },
      axes: [
        { stroke: ink, grid: { show: false }, ticks: grid, font, values: (_, list) => list.map((time) => {
          const date = new Date(time * 1000);
          return `${date.getUTCFullYear()}Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
        }), space: 70 },
        { stroke: ink, grid, ticks: { show: false }, font, size: 62, values: (_, list) => list.map((number) => format.format(number)) },
      ],
      series: [
        {},
        { stroke: colour("--chart-called"), fill: colour("--chart-called"), paths: bars, points: { show: false } },
        { stroke: colour("--chart-distributed"), fill: colour("--chart-distributed"), paths: bars, points: { show: false } },
        { stroke: colour("--accent"), width: 2.4, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } },
      ],
      hooks: { setCursor: [(chart) => {
        const rows = [...table.tBodies[0].rows].reverse();
        const row = rows[Math.min(chart.cursor.idx ?? rows.length, rows.length - 1)];
        const out = element.parentElement.querySelector("[data-readout]");
        if (out && row) out.textContent = [...row.cells].slice(0, 4).map((cell) => `${cell.dataset.label ?? ""} ${cell.textContent.trim()}`.trim()).join("  ·  ");
      }] },
    };
    element.replaceChildren();
    return new uPlot(options, [axis, [...scaled(called), null], [...scaled(distributed), null], scaled(held)], element);
  };
  let chart = build();
  element.dataset.ready = "";
  element.setAttribute("aria-hidden", "true");
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - width) < 2) return;
    width = element.clientWidth;
    chart.setSize({ width, height: chart.height });
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = build();
  });
}
