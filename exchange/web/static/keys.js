// Keyboard shortcuts. Single letters can be switched off on the page of preferences (WCAG 2.1.4).
const GO = { m: "/market", o: "/orders", b: "/blotter", r: "/review", v: "/valuation-desk" };

function typing(target) {
  return target.closest("input, select, textarea, [contenteditable]") !== null;
}

export function startKeys() {
  const dialog = document.getElementById("keys");
  for (const button of document.querySelectorAll("[data-open-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  let leader = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest("form[data-review]");
      if (form) form.requestSubmit();
      return;
    }
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialog.open) return;
    if (leader) {
      leader = false;
      const path = GO[event.key];
      if (path && document.querySelector(`.menu a[href="${path}"]`)) location.assign(path);
      return;
    }
    if (event.key === "g") {
      leader = true;
      setTimeout(() => { leader = false; }, 1200);
      return;
    }
    const turn = { ArrowLeft: "back", ArrowRight: "on" }[event.key];
    const page = turn && !event.shiftKey && document.querySelector(`a[data-turn="${turn}"]`);
    if (page) {
      event.preventDefault();
      page.click();
      return;
    }
    const target = { "/": "[data-key-search]", b: "[data-key-bid]" }[event.key];
    if (event.key === "?") dialog.showModal();
    if (target) {
      const field = document.querySelector(target);
      if (field) {
        event.preventDefault();
        field.focus();
        field.scrollIntoView({ block: "center" });
      }
    }
  });
}
