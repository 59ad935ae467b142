// The page's own behaviour: theme, clock, countdowns, keys, live state. Pages work without it.
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";

const root = document.documentElement;

function startTheme() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button || root.dataset.theme) return;
  // Without a choice the system decides; the switch then offers the other one.
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  button.value = dark ? "light" : "dark";
}

function startScroll() {
  const kept = sessionStorage.getItem("scroll");
  if (kept) {
    sessionStorage.removeItem("scroll");
    const { path, top } = JSON.parse(kept);
    if (path === location.pathname) scrollTo({ top, behavior: "instant" });
  }
  for (const form of document.querySelectorAll("form[data-keep-scroll]")) {
    form.addEventListener("submit", () => {
      sessionStorage.setItem("scroll", JSON.stringify({ path: location.pathname, top: scrollY }));
    });
  }
}

function startMenu() {
  // On a narrow screen the menu scrolls sideways; the entry of this page is brought into view.
  const menu = document.querySelector(".menu");
  const entry = menu?.querySelector("[aria-current]");
  if (entry) menu.scrollLeft = entry.offsetLeft - (menu.clientWidth - entry.offsetWidth) / 2;
}

function pad(number) {
  return String(number).padStart(2, "0");
}

function startClock() {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const offset = Date.parse(clock.dateTime) - Date.now();
  const words = clock.dataset;
  const left = (milliseconds) => {
    const seconds = Math.floor(milliseconds / 1000);
    if (seconds <= 0) return words.over;
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor(seconds / 3600) % 24;
    const minutes = Math.floor(seconds / 60) % 60;
    if (days) return `${days} ${words.day} ${hours} ${words.hour}`;
    if (hours) return `${hours} ${words.hour} ${minutes} ${words.minute}`;
    return `${minutes} ${words.minute} ${pad(seconds % 60)} ${words.second}`;
  };
  const tick = () => {
    const now = Date.now() + offset;
    const market = new Date(now + 8 * 3600 * 1000);
    const day = `${market.getUTCFullYear()}-${pad(market.getUTCMonth() + 1)}-${pad(market.getUTCDate())}`;
    clock.textContent = `${day} ${pad(market.getUTCHours())}:${pad(market.getUTCMinutes())}:${pad(market.getUTCSeconds())}`;
    for (const countdown of document.querySelectorAll("[data-countdown]")) {
      countdown.textContent = left(Date.parse(countdown.dateTime) - now);
    }
  };
  tick();
  setInterval(tick, 1000);
}

function startFilters() {
  // The form submits itself when a choice changes; the button stays for those without scripts.
  for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
    for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  }
}

function startOnce() {
  // A form is sent once, however often its button is pressed; the server keeps the same promise by its key.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    });
  }
}

function startTicketJump() {
  // On a narrow screen the button that leads to the ticket makes room once the ticket is in sight.
  const jump = document.querySelector(".ticket-jump");
  const ticket = document.getElementById("ticket");
  if (!jump || !ticket) return;
  new IntersectionObserver(([entry]) => { jump.hidden = entry.isIntersecting; }).observe(ticket);
}

async function startCharts() {
  const charts = document.querySelectorAll("[data-chart]");
  if (!charts.length) return;
  const { draw } = await import("./chart.js");
  for (const chart of charts) draw(chart);
}

startTheme();
startScroll();
startMenu();
startClock();
startFilters();
startOnce();
startTicketJump();
startKeys();
startLive();
startCharts();
