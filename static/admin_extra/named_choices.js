// Gives autocomplete fields their label for screen readers: Select2 names itself after the chosen value and leaves the
// label out. Names the tooltips of Django's double lists, whose label counts only on an image.
"use strict";

const labelOf = (select) => {
  const label = document.querySelector(`label[for="${select.id}"]`);
  if (label && !label.id) {
    label.id = `${select.id}_label`;
  }
  return label;
};

const nameField = (container) => {
  const select = container.previousElementSibling;
  const label = select && labelOf(select);
  const value = container.querySelector(".select2-selection__rendered");
  if (label && value) {
    value.setAttribute("aria-labelledby", label.id);
    container
      .querySelector(".select2-selection")
      .setAttribute("aria-labelledby", `${label.id} ${value.id}`);
  }
  // fields with several choices have a text input next to the chosen ones
  const typed = container.querySelector(".select2-search--inline .select2-search__field");
  if (label && typed) {
    typed.setAttribute("aria-labelledby", label.id);
  }
};

const nameSearch = (dropdown) => {
  const open = document.querySelector("select + .select2-container--open");
  const label = open && labelOf(open.previousElementSibling);
  const results = dropdown.querySelector(".select2-results__options");
  const search = dropdown.querySelector(".select2-search__field");
  if (label && results) {
    search?.setAttribute("aria-labelledby", label.id);
    results.setAttribute("aria-labelledby", label.id);
  }
};

const nameAll = (root) => {
  root.querySelectorAll(".help-tooltip[aria-label]").forEach((tip) => tip.setAttribute("role", "img"));
  root.querySelectorAll("select + .select2-container").forEach(nameField);
  root.querySelectorAll(".select2-dropdown").forEach(nameSearch);
};

new MutationObserver((changes) => {
  const grown = changes.filter((change) => change.addedNodes.length);
  new Set(grown.map((change) => change.target)).forEach((place) => {
    nameAll(place);
    const container = place.closest(".select2-container");
    if (container) {
      nameField(container);
    }
  });
}).observe(document.body, { childList: true, subtree: true });
nameAll(document);
