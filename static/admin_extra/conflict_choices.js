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
window.django?.jQuery(document).on("select2:select select2:clear", tickYours);
