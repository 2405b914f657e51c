// Moves the lanes without loading the page anew, by keyboard, pointer and touch. Every link works without it as well.
"use strict";

(() => {
  const FAR = 60; // pixels that a swipe goes at least
  const said = document.getElementById("lanes-status");
  const views = document.querySelector(".views [aria-current]");
  let waiting = null;
  let dragged = false;

  const lanes = () => document.getElementById("lanes");
  const scroller = () => lanes().querySelector(".lanes-scroll");
  const link = (move) => lanes().querySelector(`a[data-move="${move}"]`);
  const overflows = (box) => box.scrollWidth > box.clientWidth + 1;

  // ---- Getting other lanes

  // What stands around the lanes leads back to those that are seen.
  const keep = (address) => {
    const asked = new URL(address, location.href).searchParams;
    const form = document.querySelector("form.filters");
    for (const name of ["view", "lanes", "zoom", "start"]) {
      form?.querySelectorAll(`input[type=hidden][name=${name}]`).forEach((field) => field.remove());
      if (form && asked.has(name)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: asked.get(name) }));
      }
      document.querySelectorAll(".chips a").forEach((chip) => {
        const other = new URL(chip.href);
        if (asked.has(name)) other.searchParams.set(name, asked.get(name));
        else other.searchParams.delete(name);
        chip.href = other;
      });
    }
    views.href = address;
  };

  const load = async (address, { push = true, edge, then = () => {} } = {}) => {
    waiting?.abort();
    const mine = waiting = new AbortController();
    lanes().classList.add("is-loading");
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: mine.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("lanes");
      lanes().replaceWith(document.adoptNode(found));
    } catch (problem) {
      if (problem.name !== "AbortError") location.assign(address);
      return;
    }
    if (push) history.pushState(null, "", address);
    keep(address);
    ready(edge);
    said.textContent = `${lanes().dataset.title}: ${lanes().querySelector(".lanes-said").textContent}`;
    then();
  };

  const EDGES = { earlier: "end", later: "start" };
  const go = (move, then) => {
    const to = link(move);
    if (to) load(to.href, { edge: EDGES[move], then });
    return Boolean(to);
  };

  // So many columns on from those that are seen.
  const shift = (columns) => {
    if (!link(columns > 0 ? "later" : "earlier")) return;
    const { address, start, size } = lanes().dataset;
    const [year, month] = start.split("-").map(Number);
    const first = year * 12 + month - 1 + columns * Number(size);
    const other = new URL(address, location.href);
    other.searchParams.set("start", `${String(Math.floor(first / 12)).padStart(4, "0")}-${String(first % 12 + 1).padStart(2, "0")}`);
    load(other.pathname + other.search);
  };

  const zoom = (step) => {
    const all = [...lanes().querySelectorAll(".lanes-zoom a")];
    const to = all[all.findIndex((each) => each.ariaCurrent) + step];
    if (to) load(to.href, { then: () => scroller()?.focus() });
  };

  // ---- What a mark or a number says

  const hush = () => {
    lanes().querySelectorAll(".lit").forEach((each) => each.classList.remove("lit"));
    lanes().querySelector(".lanes-tip").hidden = true;
  };

  const tell = (item) => {
    hush();
    const text = item.dataset.tip;
    if (!text) return;
    const tip = lanes().querySelector(".lanes-tip");
    tip.textContent = text;
    tip.hidden = false;
    const around = lanes().getBoundingClientRect();
    const box = item.getBoundingClientRect();
    const left = box.left + box.width / 2 - around.left - tip.offsetWidth / 2;
    const above = box.top - around.top - tip.offsetHeight - 10;
    tip.style.left = `${Math.max(0, Math.min(left, around.width - tip.offsetWidth))}px`;
    tip.style.top = `${box.top - tip.offsetHeight > 10 ? above : box.bottom - around.top + 10}px`;
    if (!item.closest("svg")) return;
    const address = item.getAttribute("href");
    lanes().querySelectorAll(`.lanes-over a[href="${CSS.escape(address)}"]`).forEach((each) => each.classList.add("lit"));
    lanes().querySelectorAll(`.thread[data-of~="${CSS.escape(address.split("/")[2])}"]`).forEach((each) => each.classList.add("lit"));
  };

  // ---- Going from one to another by keyboard: all links of the sheet are one stop

  const items = () => [...lanes().querySelectorAll(".lanes-sheet a")];
  const row = (item) => item.closest("tr")?.rowIndex ?? Number(item.closest("[data-row]").dataset.row);
  const middle = (item) => {
    const box = item.getBoundingClientRect();
    return box.left + box.width / 2;
  };
  const nearest = (found, x) => found.reduce((one, other) => (Math.abs(middle(other) - x) < Math.abs(middle(one) - x) ? other : one));
  const inRow = (number) => items().filter((item) => row(item) === number).sort((one, other) => middle(one) - middle(other));

  const stand = (item) => {
    items().forEach((each) => each.setAttribute("tabindex", each === item ? "0" : "-1"));
    item.focus();
  };

  // In a row of other lanes: at what stands nearest, or first beyond a place on the way (1: to the right).
  const standIn = (number, x, way = 0) => {
    const found = inRow(number).filter((item) => !item.closest("th"));
    const beyond = way ? found.filter((item) => (middle(item) - x) * way > 4) : found;
    if (beyond.length || found.length) stand(nearest(beyond.length ? beyond : found, x));
    else scroller()?.focus();
  };

  const step = (item, key) => {
    const number = row(item);
    if (key === "ArrowUp" || key === "ArrowDown") {
      const way = key === "ArrowUp" ? -1 : 1;
      const rows = [...new Set(items().map(row))].filter((each) => (each - number) * way > 0);
      if (rows.length) stand(nearest(inRow(way > 0 ? Math.min(...rows) : Math.max(...rows)), middle(item)));
      return true;
    }
    const along = inRow(number);
    const place = { Home: 0, End: along.length - 1 }[key] ?? along.indexOf(item) + (key === "ArrowLeft" ? -1 : 1);
    if (along[place]) stand(along[place]);
    else {
      const way = key === "ArrowLeft" ? -1 : 1;
      const half = scroller().querySelector("tr.all").offsetWidth - scroller().querySelector("tr.all th").offsetWidth;
      const x = middle(item) - way * half / 2; // where it stands among those that come
      go(way < 0 ? "earlier" : "later", () => standIn(number, x, way));
    }
    return true;
  };

  const pressed = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !event.target.closest(".lanes-scroll")) return;
    const item = event.target.closest("a");
    const number = item && row(item);
    const x = item && middle(item);
    const stay = () => (item ? standIn(number, x) : scroller()?.focus());
    let done = true;
    if (event.key === "PageUp") done = go("earlier", stay);
    else if (event.key === "PageDown") done = go("later", stay);
    else if (event.key === "+" || event.key === "=") zoom(1);
    else if (event.key === "-") zoom(-1);
    else if (event.key === "Escape") hush();
    else if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) done = false;
    else if (item) step(item, event.key);
    else if (event.key === "ArrowDown") stand(items()[0]);
    else if (overflows(scroller())) done = false; // the browser scrolls
    else if (event.key === "ArrowLeft") done = go("earlier", stay);
    else if (event.key === "ArrowRight") done = go("later", stay);
    else done = false;
    if (done) event.preventDefault();
  };

  // ---- Dragging with a mouse, swiping with a finger

  const drag = (box) => {
    let from = null;
    box.addEventListener("pointerdown", (event) => {
      dragged = false;
      if (event.pointerType === "mouse" && event.button === 0) from = { x: event.clientX, scrolled: box.scrollLeft };
    });
    box.addEventListener("pointermove", (event) => {
      if (!from) return;
      const moved = event.clientX - from.x;
      if (!dragged && Math.abs(moved) < 8) return;
      if (!dragged) box.setPointerCapture(event.pointerId);
      dragged = true;
      hush();
      lanes().classList.add("is-dragged");
      if (overflows(box)) box.scrollLeft = from.scrolled - moved;
      else box.firstElementChild.style.transform = `translateX(${moved}px)`;
    });
    const end = (event) => {
      if (from && dragged && event.type === "pointerup" && !overflows(box)) {
        const column = box.querySelector("thead th:last-child").offsetWidth;
        const columns = Math.round((from.x - event.clientX) / column);
        if (columns) shift(columns);
      }
      from = null;
      lanes().classList.remove("is-dragged");
      box.firstElementChild.style.transform = "";
    };
    box.addEventListener("pointerup", end);
    box.addEventListener("pointercancel", end);
    box.addEventListener("dragstart", (event) => event.preventDefault());
    box.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
  };

  const swipe = (box) => {
    let from = null;
    box.addEventListener("touchstart", (event) => {
      const [finger] = event.touches;
      from = event.touches.length > 1 ? null : {
        x: finger.clientX, y: finger.clientY, first: box.scrollLeft <= 1, last: box.scrollLeft + box.clientWidth >= box.scrollWidth - 1,
      };
    }, { passive: true });
    // Where the sheet ends, browsers would take a swipe for a step in their own history.
    box.addEventListener("touchmove", (event) => {
      if (!from || !event.cancelable) return;
      const [finger] = event.touches;
      const [x, y] = [finger.clientX - from.x, finger.clientY - from.y];
      if (Math.abs(x) > Math.abs(y) && (x > 0 ? from.first : from.last)) event.preventDefault();
    }, { passive: false });
    box.addEventListener("touchend", (event) => {
      if (!from) return;
      const [finger] = event.changedTouches;
      const [x, y] = [finger.clientX - from.x, finger.clientY - from.y];
      if (Math.abs(x) > FAR && Math.abs(x) > 2 * Math.abs(y)) {
        if (x < 0 && from.last) go("later");
        if (x > 0 && from.first) go("earlier");
      }
      from = null;
    }, { passive: true });
  };

  // ---- Each time that there are new lanes

  // How far to scroll so that the columns that fit in hold the most events, the latest ones where several do.
  const fullest = (box) => {
    const cells = [...box.querySelectorAll("tr.all td")];
    const counts = cells.map((cell) => Number(cell.dataset.count || 0));
    const fit = Math.max(1, Math.floor((box.clientWidth - box.querySelector("tr.all th").offsetWidth) / cells[0].offsetWidth));
    let best = 0;
    for (let first = 0, most = -1; first + fit <= cells.length; first += 1) {
      const sum = counts.slice(first, first + fit).reduce((one, other) => one + other, 0);
      if (sum >= most) [best, most] = [first, sum];
    }
    return best * cells[0].offsetWidth;
  };

  const ready = (edge) => {
    const box = scroller();
    const tip = Object.assign(document.createElement("p"), { className: "lanes-tip", hidden: true });
    tip.setAttribute("aria-hidden", "true"); // it repeats the names of links
    lanes().append(tip);
    if (!box) return;
    lanes().querySelector(".lanes-keys").hidden = false;
    box.querySelectorAll(".lanes-over a > title").forEach((title) => {
      const item = title.parentElement;
      item.dataset.tip = title.textContent;
      item.setAttribute("aria-label", title.textContent);
      title.remove(); // the browser's own hint would cover ours
    });
    box.querySelectorAll("table a[title]").forEach((item) => {
      item.dataset.tip = item.title;
      if (item.closest("td")) item.setAttribute("aria-label", item.title);
      item.removeAttribute("title");
    });
    items().forEach((item, number) => item.setAttribute("tabindex", number ? "-1" : "0"));
    box.scrollLeft = edge === "end" ? box.scrollWidth : edge === "start" ? 0 : fullest(box);
    drag(box);
    swipe(box);
  };

  document.addEventListener("click", (event) => {
    const to = event.target.closest?.("#lanes a[data-move]");
    if (!to || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { move } = to.dataset;
    const label = to.textContent;
    const again = () => ([...lanes().querySelectorAll(`a[data-move="${move}"]`)].find((each) => each.textContent === label) ?? scroller())?.focus();
    load(to.href, { edge: EDGES[move], then: again });
  });
  document.addEventListener("keydown", (event) => { if (event.target.closest?.("#lanes")) pressed(event); });
  for (const [come, leave] of [["focusin", "focusout"], ["pointerover", "pointerout"]]) {
    document.addEventListener(come, (event) => {
      const item = event.target.closest?.(".lanes-sheet a");
      if (item && !dragged) tell(item);
    });
    document.addEventListener(leave, (event) => { if (event.target.closest?.(".lanes-sheet a")) hush(); });
  }
  window.addEventListener("popstate", () => load(location.pathname + location.search, { push: false }));
  ready();
})();
