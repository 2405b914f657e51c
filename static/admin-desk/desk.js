// The event's form: new rows speak to the server too, and the keyboard saves, submits and goes on.
"use strict";

document.addEventListener("formset:added", (event) => window.htmx.process(event.target));
document.addEventListener("formset:removed", () => document.body.dispatchEvent(new CustomEvent("desk:changed")));

// Autocomplete says what was chosen through jQuery alone.
const jquery = window.django && window.django.jQuery;
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
