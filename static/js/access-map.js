// A slider over the days that the page lists as links: htmx loads the map of the one that it stands on.
"use strict";

(() => {
  const slider = document.getElementById("slider");
  const days = [...document.querySelectorAll(".stops a")];
  if (!slider || !window.htmx) return;
  const range = slider.querySelector("input");
  const said = slider.querySelector("output");
  const steps = [...slider.querySelectorAll(".step")];
  const on = document.getElementById("on");
  let waiting = 0;

  const place = () => {
    const shown = document.getElementById("map").dataset.on;
    return Math.max(0, days.findLastIndex((day) => day.dataset.on <= shown));
  };

  // What the slider stands on, before the map is there.
  const point = (number) => {
    range.value = number;
    range.setAttribute("aria-valuetext", days[number].textContent);
    steps[0].disabled = number === 0;
    steps[1].disabled = number === days.length - 1;
  };

  const go = (number) => {
    point(number);
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      htmx.ajax("GET", days[number].getAttribute("href"), { source: range, target: "#map", swap: "outerHTML" });
    }, 120);
  };

  document.body.addEventListener("htmx:afterSwap", () => {
    const map = document.getElementById("map");
    const day = days.find((each) => each.dataset.on === map.dataset.on);
    if (!day) return;
    days.forEach((each) => each.removeAttribute("aria-current"));
    day.setAttribute("aria-current", "date");
    history.replaceState(null, "", day.getAttribute("href"));
    said.textContent = map.dataset.summary;
    document.querySelectorAll("input[name=on]").forEach((field) => { field.value = map.dataset.on; });
    on?.removeAttribute("aria-invalid");
  });

  range.addEventListener("input", () => go(Number(range.value)));
  steps.forEach((step) => step.addEventListener("click", () => go(Number(range.value) + Number(step.dataset.step))));
  point(place());
  said.textContent = document.getElementById("map").dataset.summary;
  slider.hidden = false;
})();
