// The timeline without new pages: filters apply as they are set, bars are drawn over to choose a range, older events
// come by scrolling, and going back restores filters and place. Without it every control is a link or one form.
"use strict";

(() => {
  if (!window.htmx) return;
  const region = () => document.getElementById("timeline");
  const QUIET = "[data-names], [type=search]"; // applied when entered, not at each change
  let loading = null;

  // ---- Addresses

  // What a form says, as an address spells it: nothing empty, nothing that is the default.
  const addressOf = (form) => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value.trim() && !(name === "match" && value === "possible")) asked.append(name, value.trim());
    }
    return asked.size ? `${form.getAttribute("action")}?${asked}` : form.getAttribute("action");
  };

  const withDates = (start, end) => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["before", "after", "from", "to"]) asked.delete(name);
    if (start) asked.set("from", start);
    if (end) asked.set("to", end);
    return asked.size ? `${location.pathname}?${asked}` : location.pathname;
  };

  // ---- Going somewhere without a new page

  const failed = () => {
    const list = region().querySelector(".timeline");
    list.querySelector(".loading-failed")?.remove();
    const message = document.createElement("p");
    message.className = "message loading-failed";
    message.setAttribute("role", "alert");
    message.textContent = list.closest("#timeline").dataset.failed;
    list.prepend(message);
  };

  const show = async (address, { push = true, pages = 0, top = null } = {}) => {
    loading?.abort();
    const mine = loading = new AbortController();
    region().classList.add("is-loading");
    region().setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("timeline");
      if (!fresh) throw new Error("no timeline");
      const held = whatHasFocus();
      const unfolded = [...region().querySelectorAll("details")].map((each) => each.open);
      if (push) {
        remember();
        history.pushState({ pages: 0, top: null }, "", answer.url);
      }
      document.title = page.title;
      region().replaceWith(fresh);
      [...fresh.querySelectorAll("details")].forEach((each, number) => { each.open ||= unfolded[number]; });
      htmx.process(fresh);
      prepare();
      refocus(held);
      await restore(pages, top);
    } catch (problem) {
      if (problem.name !== "AbortError") failed();
    } finally {
      if (loading === mine) {
        loading = null;
        region().classList.remove("is-loading");
        region().removeAttribute("aria-busy");
      }
    }
  };

  const whatHasFocus = () => {
    const element = document.activeElement;
    if (!region().contains(element)) return null;
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.name) return `[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
    if (element.matches(".range input")) return `.${element.className}`;
    if (element.closest(".chips")) return ".count";
    return element.closest(".presets") ? `.presets a[href="${CSS.escape(element.getAttribute("href"))}"]` : null;
  };

  const refocus = (selector) => {
    const element = selector && (region().querySelector(selector) || region().querySelector(".count"));
    if (!element) return;
    if (element.matches(".count")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    if (element.matches("[type=search]")) element.setSelectionRange(element.value.length, element.value.length);
  };

  // ---- Place: how many pages of older events were loaded, and how far down the reader was

  let pages = 0;

  const remember = () => history.replaceState({ pages, top: scrollY }, "");

  const restore = async (number, top) => {
    pages = 0;
    for (let each = 0; each < number; each += 1) {
      if (!(await older())) break;
    }
    if (top !== null) scrollTo({ top, behavior: "instant" });
  };

  const older = () => {
    const link = document.querySelector("#older a");
    if (!link) return Promise.resolve(false);
    const address = link.dataset.hxGet;
    return htmx.ajax("GET", address, { source: link, target: "#older", swap: "outerHTML" }).then(() => true, () => false);
  };

  // ---- Bars: drawn over by pointer or finger, slid along by keyboard

  const prepare = () => {
    const chart = document.getElementById("histogram");
    watch();
    if (!chart) return;
    const plot = chart.querySelector(".plot");
    const bars = [...chart.querySelectorAll(".drawn a")];
    const outside = chart.querySelector(".outside");
    const sliders = ["from", "to"].map((name) => chart.querySelector(`.range-${name}`));
    const said = chart.querySelector("output");
    const whole = bars.length - 1;
    bars.forEach((bar) => { bar.tabIndex = -1; }); // the sliders serve the keyboard
    chart.querySelector(".range").hidden = false;

    const label = (first, last) => {
      const [start, end] = [bars[first].dataset.label, bars[last].dataset.label];
      return start === end ? start : `${start} – ${end}`;
    };

    const point = (first, last) => {
      outside.setAttribute("d", `M0 0h${first}v100h-${first}zM${last + 1} 0H${whole + 1}V100H${last + 1}z`);
      sliders[0].value = first;
      sliders[1].value = last;
      sliders[0].setAttribute("aria-valuetext", bars[first].dataset.label);
      sliders[1].setAttribute("aria-valuetext", bars[last].dataset.label);
      said.textContent = label(first, last);
    };

    const apply = (first, last) => {
      const isAll = first === 0 && last === whole;
      show(withDates(!isAll && bars[first].dataset.from, !isAll && bars[last].dataset.to));
    };

    const [first, last] = sliders.map((each) => Number(each.value));
    point(first, last);

    sliders.forEach((slider, side) => {
      slider.addEventListener("input", () => {
        const both = sliders.map((each) => Number(each.value));
        if (both[0] > both[1]) both[side] = both[1 - side];
        point(...both);
      });
      slider.addEventListener("change", () => apply(...sliders.map((each) => Number(each.value))));
    });

    let began = null;
    const at = (event) => {
      const box = plot.getBoundingClientRect();
      return Math.min(whole, Math.max(0, Math.floor((event.clientX - box.left) / box.width * bars.length)));
    };
    const span = (event) => [Math.min(began, at(event)), Math.max(began, at(event))];
    plot.addEventListener("dragstart", (event) => event.preventDefault());
    plot.addEventListener("click", (event) => event.preventDefault()); // the pointer has done what the link would
    plot.addEventListener("pointerdown", (event) => {
      if (event.button || event.ctrlKey || event.metaKey) return;
      began = at(event);
      plot.setPointerCapture(event.pointerId);
      chart.classList.add("is-brushing");
    });
    plot.addEventListener("pointermove", (event) => {
      if (began === null) said.textContent = bars[at(event)].getAttribute("aria-label");
      else point(...span(event));
    });
    plot.addEventListener("pointerup", (event) => {
      if (began === null) return;
      const chosen = span(event);
      began = null;
      chart.classList.remove("is-brushing");
      point(...chosen);
      apply(...chosen);
    });
    plot.addEventListener("pointercancel", () => { // the finger scrolls the page
      began = null;
      chart.classList.remove("is-brushing");
      point(first, last);
    });
    plot.addEventListener("pointerleave", () => { if (began === null) said.textContent = label(first, last); });
  };

  // ---- Older events, when the end of the list comes near

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      older();
    }
  }, { rootMargin: "600px" });

  const watch = () => {
    near.disconnect();
    const end = document.getElementById("older");
    if (end) near.observe(end);
  };

  // What comes by itself takes the focus from nobody.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.requestConfig.triggeringEvent) {
      event.detail.serverResponse = event.detail.serverResponse.replace(" autofocus", "");
    }
  });

  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.pathInfo?.requestPath.includes("before=")) return;
    pages += 1;
    watch();
  });

  // ---- What readers do

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "filters") return;
    event.preventDefault();
    show(addressOf(event.target));
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("#filters");
    if (!form || event.target.matches(QUIET)) return;
    if (event.target.type === "date" && event.target.value && Number(event.target.value.slice(0, 4)) < 1900) return;
    show(addressOf(form));
  });

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const link = event.target.closest?.(".presets a, .chips a, .meant a");
    if (!link || !region().contains(link)) return;
    event.preventDefault();
    show(link.getAttribute("href"));
  });

  // The names that may be typed, when somebody is about to.
  document.addEventListener("focusin", async (event) => {
    const field = event.target;
    if (!field.matches?.("[data-names]") || field.list) return;
    const list = document.createElement("datalist");
    list.id = `names_${field.name}`;
    field.after(list);
    field.setAttribute("list", list.id);
    const called = field.dataset.names === "policies" ? "title" : "name";
    const answer = await fetch(`/api/v1/${field.dataset.names}/?fields=${called}&page_size=200`).catch(() => null);
    if (!answer?.ok) return;
    for (const each of (await answer.json()).results) list.append(new Option("", each[called]));
  });

  addEventListener("popstate", (event) => {
    const state = event.state || {};
    show(location.href, { push: false, pages: state.pages || 0, top: state.top ?? 0 });
  });
  addEventListener("pagehide", remember);

  history.scrollRestoration = "manual";
  const kept = history.state;
  prepare();
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
  if (kept && (isBack || isReload)) restore(kept.pages || 0, kept.top ?? null);
})();
