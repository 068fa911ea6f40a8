// Shows only the name of the chosen party. The spelling that found it matters only during the search.
"use strict";

window.django?.jQuery(document).on("select2:select", (event) => {
  const { name, text } = event.params.data;
  if (name && name !== text) {
    const select = window.django.jQuery(event.target);
    const [chosen] = select.select2("data");
    chosen.text = name;
    chosen.element.textContent = name;
    select.trigger("change.select2");
  }
});
