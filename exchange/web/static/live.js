// The state of the page's one event stream, in words; htmx and its sse extension do the rest.
export function startLive() {
  const sign = document.querySelector("[data-live]");
  if (!sign) return;
  const say = (state) => {
    if (sign.dataset.state === state) return;
    sign.dataset.state = state;
    sign.textContent = sign.dataset[state];
  };
  document.addEventListener("htmx:sse:after:connection", () => say("on"));
  document.addEventListener("htmx:sse:error", () => say("off"));
  document.addEventListener("htmx:sse:close", () => say("off"));
  document.addEventListener("announce", (event) => {
    document.getElementById("announce").textContent = event.detail.data;
  });
  document.addEventListener("signed-out", () => location.reload());
}
