// Ticks "Yours" as soon as somebody changes their own value beside what others wrote. Without this script the server
// asks again instead of losing it.
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
// the admin's own fields tell only jQuery that a choice was made
window.django?.jQuery(document).on("select2:select select2:unselect select2:clear", tickYours);

// its calendar, clock and pop-ups tell nobody: they put a value in, and lead back to the field or the page
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
