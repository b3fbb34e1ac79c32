// The texts and the mail of a customer share one place: which of the two is seen.

import { byId } from "./dom.js";

const place = byId("handsets");

export function showApp(name) {
  place.dataset.app = name;
  for (const button of place.querySelectorAll(".apps button"))
    button.setAttribute("aria-pressed", button.dataset.app === name);
}

export function openApps(onShown) {
  place.querySelector(".apps")?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    showApp(button.dataset.app);
    onShown(button.dataset.app);
  });
}

export const shownApp = () => place.dataset.app;
