// The event's form: new rows speak to the server too, and the keyboard saves, submits and goes on.
"use strict";

// What Select2 shows in place of a field is called as the field is; a heading without words is none.
const nameChoosers = () => {
  document.querySelectorAll("th.original").forEach((heading) => heading.replaceWith(document.createElement("td")));
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const shown = select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered");
    const label = document.querySelector(`label[for="${select.id}"]`);
    const name = select.getAttribute("aria-label") || (label ? label.textContent.replace(/:$/, "").trim() : select.name);
    for (const part of shown) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", name);
    }
  }
};
const jquery = window.django && window.django.jQuery;
if (jquery) {
  jquery(nameChoosers);  // behind Django's own, which makes them
}

// What may be chosen in every row alike stands in the empty one alone.
for (const select of document.querySelectorAll("select[data-choices-of]")) {
  const all = document.getElementById(select.dataset.choicesOf);
  if (all) {
    const chosen = select.value;
    select.replaceChildren(...[...all.options].map((option) => option.cloneNode(true)));
    select.value = chosen;
  }
}

document.addEventListener("formset:added", (event) => {
  window.htmx.process(event.target);
  setTimeout(nameChoosers);  // once Django has made them
});
document.addEventListener("formset:removed", () => document.body.dispatchEvent(new CustomEvent("desk:changed")));

// Autocomplete says what was chosen through jQuery alone.
if (jquery) {
  jquery(document).on("select2:select select2:unselect select2:clear", () =>
    document.body.dispatchEvent(new CustomEvent("desk:changed")));
}

document.addEventListener("keydown", (event) => {
  const press = (...names) => {
    const button = names.map((name) => document.querySelector(`#event_form [name="${name}"]`)).find(Boolean);
    if (button) {
      event.preventDefault();
      button.click();
    }
  };
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    press("_continue", "_save");
  } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    press("_submit");
  } else if (event.altKey && event.code === "KeyN") {
    const next = document.querySelector('a[rel="next"]');
    if (next) {
      event.preventDefault();
      next.click();
    }
  }
});
