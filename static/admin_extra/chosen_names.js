// Shows a party that was chosen by its name alone: by which spelling it was found matters only while one looks.
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
