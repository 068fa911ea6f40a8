// Ticks "Yours" as soon as somebody changes their own value in a conflict. Without this script the server asks again
// instead of losing the value.
"use strict";

const tickYours = (event) => {
  if (event.target.closest(".yours")) {
    const yours = event.target
      .closest("[data-choice]")
      ?.querySelector('input[type="radio"][value="yours"][name^="take--"]');
    if (yours) {
      yours.checked = true;
    }
  }
};

document.addEventListener("input", tickYours);
document.addEventListener("change", tickYours);
// Select2 fields trigger only jQuery events
window.django?.jQuery(document).on("select2:select select2:unselect select2:clear", tickYours);

// the admin's calendar, clock and pop-ups trigger no event: they set a value and return focus to the field or the page
const valueOf = (field) =>
  field.selectedOptions ? [...field.selectedOptions].map((option) => option.value).join() : field.value;
const shown = new Map([...document.querySelectorAll(".yours [name]")].map((field) => [field, valueOf(field)]));
const tickIfChanged = (event) => {
  if (shown.has(event.target) && shown.get(event.target) !== valueOf(event.target)) {
    tickYours(event);
  }
};
document.addEventListener("focusin", tickIfChanged);
window.django?.jQuery(document).on("change", tickIfChanged);
